"""./flyover receipt: what became of an agency's delivery, as its sender is told."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from cli import agencies
from cli.output import say
from connectors.registry import Language
from pipeline.errors import BadInput
from pipeline.settings import load
from portal.agency import desk, listing, receipt_page, receipts, tables
from portal.agency.mend_file import MendFile
from portal.agency.receipt import Part, Receipt


def receipt(
    agency: Annotated[str, typer.Argument(help="Code of the agency (connectors/agencies/).")],
    delivery: Annotated[uuid.UUID | None, typer.Option("--delivery", help="Delivery, refusal or upload.")] = None,
    last: Annotated[bool, typer.Option("--last", help="The latest one; so it is without --delivery, too.")] = False,
    html: Annotated[bool, typer.Option("--html", help="One page that needs no network (the default).")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="One fact a line, for a spreadsheet.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Only the rows to mend, of one table: fill it in and hand it in as it is.")
    ] = False,
    table: Annotated[str | None, typer.Option("--table", help="Which table, where several have rows to mend.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="zh or en; else the agency's own.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write (with --fix .xlsx or .csv); else standard output.")
    ] = None,
) -> None:
    """Show what became of a delivery: accepted, repaired, kept back and why, row and column, in the sender's words."""
    if sum((html, csv, as_json, fix)) > 1:
        raise BadInput("several formats at once", advice="Choose one of --html, --csv, --json and --fix.")
    if delivery is not None and last:
        raise BadInput("--delivery and --last name two deliveries", advice="Choose one of them.")
    settings = load()
    known = agencies.find(settings, agency)
    words = _language(language or known.language)
    with desk.opened(settings, known.agency_code) as connection:
        wanted = listing.answered_by(connection, delivery) if delivery else listing.latest(connection)
        found = receipts.gather(connection, settings, known, wanted) if wanted else None
        if found is None:
            raise BadInput(f"there is no delivery {delivery or 'yet'}", agency=agency)
        if fix:
            part = _part_to_mend(found, table)
            _write_to_mend(MendFile(connection, settings.secrets, known.agency_code, part, words), out)
        elif csv:
            _write(tables.as_csv(connection, found, words), out)
        elif as_json:
            _write(tables.as_json(connection, found, words), out)
        else:
            _write([receipt_page.render(connection, found, words).encode()], out)
    if out is not None:
        say(f"written: {out}")


def _language(asked: str) -> Language:
    if asked not in ("zh", "en"):
        raise BadInput(f"no language {asked!r}", advice="Use zh or en.")
    return "zh" if asked == "zh" else "en"


def _part_to_mend(found: Receipt, table: str | None) -> Part:
    parts = [part for part in found.parts if part.to_mend and table in (None, part.anchor)]
    if not parts:
        raise BadInput("there are no rows to mend", agency=found.agency.agency_code)
    if len(parts) > 1:
        names = ", ".join(part.anchor for part in parts)
        raise BadInput("several tables have rows to mend", advice=f"Name one with --table: {names}.")
    return parts[0]


def _write_to_mend(file: MendFile, out: Path | None) -> None:
    if out is None or out.suffix.lower() != ".xlsx":
        _write(file.as_csv(), out)
        return
    with out.open("wb") as book:
        file.as_workbook(book)


def _write(chunks: Iterable[bytes], out: Path | None) -> None:
    if out is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        return
    with out.open("wb") as file:
        file.writelines(chunks)
