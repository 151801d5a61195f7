"""./flyover learner: one person's file, shown, printed, or exported in the forms that wallets read."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import emit_json, emit_table, say
from pipeline.errors import BadInput
from pipeline.settings import load
from pipeline.zone import ZONE

if TYPE_CHECKING:
    from learner_file.file import LearnerFile, Line

learner = typer.Typer(no_args_is_help=True)
Key = Annotated[uuid.UUID | None, typer.Argument(help="Key of the learner, as core.dim_learner has it.")]
Record = Annotated[
    tuple[str, str, str] | None,
    typer.Option("--record", help="AGENCY ENTITY RECORD, e.g. sen-lishui senior__enrolments '4233100101|…'."),
]
WithName = Annotated[bool, typer.Option("--with-name", help="Open the name in the vault; else a pseudonym.")]
Consent = Annotated[
    str | None, typer.Option("--guardian-consent", help="Reference of the guardian's consent, of a child under 14.")
]
By = Annotated[str, typer.Option("--by", help="Who looks; kept in audit.entry.", envvar="USER")]
Language = Annotated[str, typer.Option("--language", help="zh or en.")]
_COLUMNS = {
    "zh": ("起止", "部门", "类别", "内容", "机构", "结果", "成绩·学时·学分", "来源"),
    "en": ("from – to", "sector", "kind", "what", "where", "result", "score · hours · credits", "source event"),
}


@learner.command("show")
def show(
    key: Key = None,
    record: Record = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page to print instead.")] = None,
    language: Language = "zh",
    with_name: WithName = False,
    guardian_consent: Consent = None,
    by: By = "engineer",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show what all agencies have told of one learner's life, in order of days, each line with its source event."""
    from learner_file import page

    _check_language(language)
    found = _opened("learner.shown", key, record, by, with_name, guardian_consent)
    if html is not None:
        _write_private(html, page.render(found, language, dt.datetime.now(ZONE).date()))
        say(f"written: {html}; it is one person's, for that person")
    elif as_json:
        emit_json({**vars(found), "lines": [vars(line) for line in found.lines]})
    else:
        emit_table(_title(found, language), _COLUMNS[language], [_row(line, language) for line in found.lines], False)


@learner.command("export")
def export(
    form: Annotated[
        str, typer.Option("--as", help="clr (Comprehensive Learner Record 2.0) or elm (European Learning).")
    ],
    key: Key = None,
    record: Record = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else standard output.")] = None,
    with_name: WithName = False,
    guardian_consent: Consent = None,
    by: By = "engineer",
) -> None:
    """Export what one learner has achieved, for a wallet or another system. Unsigned: it proves nothing by itself."""
    from learner_file import clr, elm

    forms = {"clr": clr.document, "elm": elm.document}
    if form not in forms:
        raise BadInput(f"no form {form!r}", advice="Use --as clr or --as elm.")
    found = _opened(f"learner.exported_as_{form}", key, record, by, with_name, guardian_consent)
    document = forms[form](found, dt.datetime.now(ZONE).date())
    if out is None:
        emit_json(document)
    else:
        _write_private(out, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    say("not signed: it says what agencies told of this person, and proves nothing by itself")


def _opened(
    purpose: str, key: uuid.UUID | None, record: tuple[str, str, str] | None, by: str, with_name: bool,
    guardian_consent: str | None,
) -> LearnerFile:  # fmt: skip
    from learner_file import file

    if (key is None) == (record is None):
        raise BadInput("one learner at a time", advice="Name a learner's key, or --record AGENCY ENTITY RECORD.")
    wanted = file.Record(*record) if record is not None else key
    assert wanted is not None  # noqa: S101  (one of the two is there)
    return file.opened(load(), wanted, file.Request(purpose, by, with_name, guardian_consent))


def _check_language(language: str) -> None:
    if language not in _COLUMNS:
        raise BadInput(f"no language {language!r}", advice="Use zh or en.")


def _title(found: LearnerFile, language: str) -> str:
    zh = language == "zh"
    marks = [
        found.name or str(found.learner_key),
        ("模拟数据" if zh else "simulated") if found.is_simulated else "",
        "" if found.is_linked else ("未与他人记录关联" if zh else "linked to no other agency"),
    ]
    return " · ".join(mark for mark in marks if mark)


def _row(line: Line, language: str) -> tuple[object, ...]:
    from learner_file import page, words

    return (
        page.span(line),
        words.said(words.SECTORS, line.sector_code, language),
        words.said(words.KINDS, line.kind_code, language),
        line.title,
        line.institution_name,
        words.said(words.RESULTS, line.result_code, language) or None,
        page.measures(line) or None,
        f"{line.agency_code} {line.source_entity} {line.record_id} {line.event_id}",
    )


def _write_private(path: Path, text: str) -> None:
    """A file that nobody else on this machine may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8") as out:
        os.fchmod(handle, 0o600)
        out.write(text)
