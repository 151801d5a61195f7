"""A message in words: plain text, simple HTML and the webhook's JSON, in Chinese, English or both."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from alerting.config import Language
from alerting.state import Alert

if TYPE_CHECKING:
    from alerting.compose import News

_SEVERITIES = {"critical": ("紧急", "critical"), "warning": ("警告", "warning"), "info": ("提示", "for information")}
_HEADINGS = {
    "opened": ("新告警", "New"),
    "waiting": ("仍未处理", "Still waiting"),
    "over": ("已恢复", "All clear"),
}
_FOOT = (
    "查看：./flyover alerts list　确认：./flyover alerts ack 编号 --reason 原因",
    "See them with ./flyover alerts list; take one over with ./flyover alerts ack NUMBER --reason WHY.",
)


@dataclass(frozen=True)
class Message:
    """What is sent, whatever the channel."""

    subject: str
    text: str
    html: str
    document: dict[str, Any]

    def body(self) -> str:
        """Everything but the subject, as it is kept until it is sent."""
        return json.dumps({"text": self.text, "html": self.html, "document": self.document}, ensure_ascii=False)


def written(news: News, language: Language, runbooks_url: str) -> Message:
    """One message about everything a group does not know yet."""
    sections = [(name, alerts) for name in _HEADINGS if (alerts := getattr(news, name))]
    subject = _subject(sections, language)
    return Message(
        subject,
        "\n".join(_text(sections, language, runbooks_url)),
        "".join(_html(subject, sections, language, runbooks_url)),
        {"subject": subject, **{name: [_plain(alert, runbooks_url) for alert in alerts] for name, alerts in sections}},
    )


def trial(language: Language) -> Message:
    """A message that says only that messages arrive."""
    said = _both("测试：告警能够送达。", "A test: messages about alerts arrive here.", language)
    text = "\n".join(said)
    return Message(
        f"[Flyover] {' / '.join(said)}", text, f"<p>{html.escape(text)}</p>", {"subject": text, "test": True}
    )


def _both(zh: str, en: str, language: Language) -> list[str]:
    return [zh] if language == "zh" else [en] if language == "en" else [zh, en]


def _subject(sections: Sequence[tuple[str, Sequence[Alert]]], language: Language) -> str:
    parts = []
    for name, alerts in sections:
        zh, en = _HEADINGS[name]
        parts.append(f"{' '.join(_both(zh, en, language))}: {len(alerts)}")
    first = sections[0][1][0]
    title = " / ".join(_both(first.title_zh, first.title_en, language))
    where = f" ({first.agency_code})" if first.agency_code else ""
    return f"[Flyover] {', '.join(parts)} - {title}{where}"


def _text(sections: Sequence[tuple[str, Sequence[Alert]]], language: Language, base: str) -> Iterator[str]:
    for name, alerts in sections:
        yield f"== {' / '.join(_both(*_HEADINGS[name], language))} =="
        yield ""
        for alert in alerts:
            severity = "/".join(_both(*_SEVERITIES[alert.severity], language))
            title = " / ".join(_both(alert.title_zh, alert.title_en, language))
            yield f"#{alert.alert_id} [{severity}] {title}"
            yield from (f"  {line}" for line in _both(alert.cause_zh, alert.cause_en, language))
            if name != "over":
                yield f"  > {alert.command}"
                yield f"  {base}{alert.runbook}"
            yield ""
    yield from _both(*_FOOT, language)


def _html(
    subject: str, sections: Sequence[tuple[str, Sequence[Alert]]], language: Language, base: str
) -> Iterator[str]:
    yield f'<!doctype html><html><head><meta charset="utf-8"><title>{html.escape(subject)}</title></head><body>'
    for name, alerts in sections:
        yield f"<h2>{html.escape(' / '.join(_both(*_HEADINGS[name], language)))}</h2>"
        for alert in alerts:
            severity = "/".join(_both(*_SEVERITIES[alert.severity], language))
            title = " / ".join(_both(alert.title_zh, alert.title_en, language))
            yield f"<h3>#{alert.alert_id} [{html.escape(severity)}] {html.escape(title)}</h3>"
            yield from (f"<p>{html.escape(line)}</p>" for line in _both(alert.cause_zh, alert.cause_en, language))
            if name != "over":
                yield f"<pre>{html.escape(alert.command)}</pre>{_page(alert.runbook, base)}"
    yield "".join(f"<p><small>{html.escape(line)}</small></p>" for line in _both(*_FOOT, language))
    yield "</body></html>"


def _page(runbook: str, base: str) -> str:
    shown = html.escape(base + runbook)
    return f'<p><a href="{shown}">{shown}</a></p>' if base else f"<p>{shown}</p>"


def _plain(alert: Alert, base: str) -> dict[str, Any]:
    """An alert as a webhook gets it."""
    shown = {
        name: value
        for name, value in asdict(alert).items()
        if name not in ("detail", "is_true", "ack_reason", "runbook", "last_seen_at")
    }
    return {**json.loads(json.dumps(shown, default=str)), "runbook": base + alert.runbook}
