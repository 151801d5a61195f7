"""Writes docs/reference/rules.md from the suites: every rule in both languages, as an agency or an officer reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from expectations.rules import suites
from expectations.rules.checks import Across, Expect, Failing, History, Reference
from expectations.rules.suites import Rule, Suite

PAGE = Path("docs") / "reference" / "rules.md"
_SEVERITY = {
    "critical": "critical / 严重",
    "warning": "warning / 警告",
    "info": "info / 提示",
}
_HEAD = """# Rules / 质量规则

Made from `expectations/suites/` by `./flyover docs`; change the rules there. What each word means:

- **critical / 严重**: a failing row goes to quarantine; a failing batch (scope table) is held.
  不合格的行进入隔离区；整批不合格时整批暂缓。
- **warning / 警告**, **info / 提示**: the row is released and the failure reported. 照常放行，并在报告中列出。
- scope **row / 行**: within a row or a file · **delivery / 报送**: across the tables of one agency ·
  **table / 批**: about the whole batch.

A null value fails only a rule about null. A reference counts as known when the agency has sent that record in a batch
that was not refused and has not deleted it since, even if the record itself is in quarantine: one bad parent does not
drag its children along.
"""


def write(checkout: Path) -> Path:
    """Write the page; the path."""
    path = checkout / PAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(suites.load()), encoding="utf-8")
    return path


def render(known: Mapping[str, Suite]) -> str:
    """The page as text."""
    count = sum(len(suite.rules) for suite in known.values())
    parts = [_HEAD, f"{count} rules for {len(known)} tables.\n"]
    parts += [_section(suite) for suite in known.values()]
    return "\n".join(parts)


def _section(suite: Suite) -> str:
    lines = [f"## {suite.table}", "", f"{suite.contract.description}", ""]
    for rule in suite.rules:
        lines += [*_rule(rule), ""]
    return "\n".join(lines)


def _rule(rule: Rule) -> Iterator[str]:
    name = rule.id.split(".")[1]
    yield f"### {name}"
    yield ""
    yield f"**{rule.title.zh}** · **{rule.title.en}**  "
    yield f"{_SEVERITY[rule.severity]} · {rule.dimension} · {rule.scope} · {rule.owner}"
    yield ""
    yield f"- 原因 / why: {rule.why.zh} {rule.why.en}"
    yield f"- 更正 / mend: {rule.mend.zh} {rule.mend.en}"
    yield f"- 检查 / check: {check_text(rule)}"


def check_text(rule: Rule) -> str:
    """What a rule checks, in one line of Markdown."""
    check = rule.check
    if isinstance(check, Failing):
        return f"fails when `{check.sql}`"
    if isinstance(check, Reference):
        each = "every element of " if check.is_list else ""
        return f"{each}`{check.column}` is a known `{check.to}` of `{check.parent.table}`"
    if isinstance(check, Across):
        return f"fails when `{check.sql}`"
    if isinstance(check, History):
        about = "" if check.column is None else f" of `{check.column}`"
        limits = ", ".join(f"{name} {value:g}" for name, value in check.thresholds.items())
        return f"`{check.measure}`{about} against the agency's own earlier batches ({limits})"
    assert isinstance(check, Expect)  # noqa: S101 - the kinds of check are a closed set
    arguments = ", ".join(f"{key}={_shown(value)}" for key, value in check.arguments.items())
    return f"`{check.type}({arguments})`"


def _shown(value: object) -> str:
    if isinstance(value, list) and len(value) > 25:
        return f"[{len(value)} codes]"
    return str(value)
