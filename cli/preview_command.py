"""./flyover preview: what would become of a file, without sending or keeping anything of it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import agencies
from cli.ingest_command import find_agency
from cli.output import Table, emit_json, emit_tables, say
from connectors import registry
from connectors.registry import Agency, Language
from pipeline.db import Connection
from pipeline.errors import BadInput
from pipeline.settings import Settings, load
from portal import words
from portal.agency import receipt_page, receipts, rows, tables
from portal.agency.preview import previewed
from portal.agency.receipt import Receipt

REFUSED, ROWS_TO_MEND = 2, 4
SHOWN_ROWS, SHOWN_COLUMNS = 50, 6
ALONE = "preview"
"""Stands for an agency that has never sent anything."""
COMPARED = "compared with what the agency sent before"
NOT_COMPARED = "no --agency was named, so rules across deliveries and what is new or deleted could not be judged"


def preview(
    source: Annotated[str, typer.Argument(help="oneroster, oulad, census, …")],
    path: Annotated[Path, typer.Option("--path", help="File, zip or folder, as the agency delivers it.")],
    agency: Annotated[str | None, typer.Option("--agency", help="Whose delivery it would be.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="zh or en; else the agency's own.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write it as a page, like a receipt.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Say what of a file would be accepted, repaired, kept back or refused. Nothing is sent and nothing is kept.

    Exit code 0: nothing to mend; 2: the file would be refused; 4: rows would be kept back, or a table put on hold.
    """
    settings = load()
    known = _whose(settings, source, agency)
    spoken: Language = "en" if (language or known.language) == "en" else "zh"
    judged = NOT_COMPARED if agency is None else COMPARED
    origin = path.expanduser().resolve()
    if not origin.exists():
        raise BadInput("is not there", file=origin.name, advice="Check the path.")
    try:
        with previewed(settings, known, origin) as (connection, receipt):
            document = json.loads(b"".join(tables.as_json(connection, receipt, spoken))) if as_json else None
            found = [] if as_json else list(_tables(connection, receipt, spoken))
            if html is not None:
                html.write_text(receipt_page.render(connection, receipt, spoken), encoding="utf-8")
    except BadInput as error:
        receipt = _refusal(known, origin, error)
        document = {**tables.summary(receipt, spoken), "rows": []} if as_json else None
        found = [_why_refused(receipt, spoken)]
    say(f"{receipt.origin}: {words.say(words.STATES[receipt.state], spoken)}; {judged}")
    if document is not None:
        emit_json({**document, "judged": judged})
    else:
        emit_tables(found, as_json=False)
    if receipt.state in ("refused", "to_mend", "held"):
        raise typer.Exit(REFUSED if receipt.state == "refused" else ROWS_TO_MEND)


def _whose(settings: Settings, source: str, code: str | None) -> Agency:
    """The agency, or one of the same source that has sent nothing yet."""
    if code is not None:
        agencies.find(settings, code)
        return find_agency(settings, source, code)
    like = registry.of_source(settings.agencies_dir, source)
    if not like:
        known = ", ".join(registry.sources(settings.agencies_dir))
        raise BadInput(f"no agency delivers {source}", advice=f"Known: {known}.")
    return replace(like[0], agency_code=ALONE, name_zh="（未指定单位）", name_en="(no agency named)")


def _refusal(agency: Agency, origin: Path, error: BadInput) -> Receipt:
    row = {name: getattr(error, name) for name in ("code", "problem", "file", "line", "advice")}
    told = receipts.of_bad_input(agency, origin.name, dt.datetime.now(dt.UTC), {**row, "refusal_id": uuid.uuid4()})
    return replace(told, is_preview=True)


def _why_refused(receipt: Receipt, language: Language) -> Table:
    told = receipt.refused
    assert told is not None  # noqa: S101 - only called for a refusal
    why = f"{words.say(told.title, language)}: {told.problem}"
    line = (told.code, told.file, told.line, why, told.advice or words.say(told.mend, language))
    return Table("refused", "Would be refused", ("code", "file", "row", "why", "how to mend"), [line])


def _tables(connection: Connection[Any], receipt: Receipt, language: Language) -> Iterator[Table]:
    yield Table(
        "books",
        f"{receipt.read_rows:,} rows read, {receipt.unchanged:,} the same as last time",
        ("table", "file", "received", "accepted", "kept back", "duplicate", "on hold", "deleted"),
        [
            (part.entity, part.file, part.received, books.released, books.quarantined, books.duplicate, books.held,
             part.deleted)
            for part in receipt.parts
            if (books := part.books)
        ],
    )  # fmt: skip
    if told := list(_why(receipt, language)):
        yield Table("why", "Why", ("what", "table", "column", "rows", "first row", "why", "how to mend"), told)
    if kept := list(_kept_rows(connection, receipt, language)):
        title = f"Rows kept back (of each table the first {SHOWN_ROWS})"
        yield Table("rows", title, ("table", "row", "record", "column", "why"), kept)


def _why(receipt: Receipt, language: Language) -> Iterator[tuple[Any, ...]]:
    for part in receipt.parts:
        for kind, problems in (("on hold", part.holds), ("kept back", part.problems), ("note", part.notes)):
            for told in problems:
                texts = words.say(told.title, language), words.say(told.mend, language)
                yield (kind, part.entity, _columns(told.columns), told.rows, told.first_line, *texts)
    for repair in receipt.repair_kinds:
        texts = words.say(repair.title, language), words.say(repair.mend, language)
        what = "note" if repair.is_note else "repaired"
        yield (what, repair.entity, _columns(repair.fields), repair.count, repair.first_line, *texts)


def _kept_rows(connection: Connection[Any], receipt: Receipt, language: Language) -> Iterator[tuple[Any, ...]]:
    for part in receipt.parts:
        for row in rows.of_part(connection, part, limit=SHOWN_ROWS):
            why = " / ".join(words.say(reason.title, language) for reason in row.reasons)
            yield part.entity, row.line, row.record, _columns(row.columns), why


def _columns(columns: Sequence[str]) -> str:
    more = len(columns) - SHOWN_COLUMNS
    return ", ".join(columns[:SHOWN_COLUMNS]) + (f" and {more} more" if more > 0 else "")
