"""Knows a file of rows to mend again and reads it: CSV in any usual encoding, or a workbook, under any name.

Read for a correction, and never for a delivery, is what names our column of codes, bears our codes, or has the guiding
columns beside its rows: taken for a delivery, everything that is not in it would count as gone. What is missing then is
said, and nothing is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from connectors.corrections import marks
from connectors.registry import Agency
from connectors.sources import delimited, tabular
from connectors.sources.base import Rejected
from connectors.sources.delimited import Heading
from connectors.sources.package import Member, Package, Sender, open_package
from connectors.sources.spreadsheet import workbook
from connectors.sources.spreadsheet.book import Sheet
from connectors.sources.spreadsheet.cells import Cell, shown
from connectors.sources.spreadsheet.layout import HEADER_WITHIN
from connectors.sources.text_form import reading
from pipeline.errors import BadInput

_HEAD_BYTES = 2**16
_ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
_DOWNLOAD_AGAIN = "Download the rows to mend again, and leave the header and the column flyover_entry as they are."


@dataclass(frozen=True)
class Part:
    """One table of a file that came back."""

    file: str
    sheet: str | None
    titles: tuple[str, ...]
    """of its columns, by their place"""
    code: int
    """place of the column of codes"""


class Filled(NamedTuple):
    """A row that came back; its cells may name persons."""

    part: Part
    line: int
    code: str
    cells: Mapping[int, Cell]
    """by place; cells without anything in them are not there"""


class Unread(NamedTuple):
    """A row that could not be taken apart."""

    part: Part
    line: int
    reason: str
    """rule id of the reader"""


def is_correction(origin: Path, agency: Agency) -> bool:
    """Whether what was handed in, or any file of it, is one of rows to mend; what cannot be opened is not."""
    try:
        with open_package(origin, Sender.of(agency)) as package:
            return any(_is_to_mend(member) for member in package.members.values())
    except (BadInput, OSError):
        return False


@dataclass(frozen=True)
class Correction:
    """An open correction; ``rows`` may be called again and reads it anew each time, holding one row."""

    tables: Sequence[tuple[Member, Part]]

    def rows(self) -> Iterator[Filled | Unread]:
        """All rows, file by file."""
        for member, part in self.tables:
            yield from _sheet_rows(member, part) if part.sheet is not None else _text_rows(member, part)


@contextmanager
def opened(origin: Path, agency: Agency) -> Iterator[Correction]:
    """Open a correction and find the columns of each of its files.

    :raises BadInput: when something else lies beside it, its column of codes is gone, or there is no row in it
    """
    sender = replace(Sender.of(agency), strict=False)  # the form is ours, whatever a spreadsheet program made of it
    with open_package(origin, sender) as package:
        yield Correction([found for member in _members(package) for found in _parts(member)])


def _members(package: Package) -> Sequence[Member]:
    members = list(package.members.values())
    for member in members:
        if not _is_to_mend(member):
            raise member.bad(
                "is no file of rows to mend, and lies beside one",
                code="refused.correction_mixed",
                advice="Hand in corrections and deliveries separately.",
            )
    return members


def _is_to_mend(member: Member) -> bool:
    if tabular.is_workbook(member):
        try:
            with workbook.opened(member) as book:
                return any(
                    marks.are_in("\n".join(" ".join(map(shown, cells.values())) for _, cells in _first_rows(sheet)))
                    for sheet in book.sheets
                )
        except BadInput:
            return False
    with reading(member) as file:
        head = file.read(_HEAD_BYTES)
    return any(marks.are_in(head.decode(encoding, "replace")) for encoding in _ENCODINGS)


def _parts(member: Member) -> Iterator[tuple[Member, Part]]:
    if not tabular.is_workbook(member):
        titles = tuple(delimited.first_record(member))
        yield member, Part(member.name, None, titles, _place_of_codes(member, titles))
        return
    found = False
    with workbook.opened(member) as book:
        for sheet in book.sheets:
            if (header := _header(sheet)) is not None:
                found = True
                yield member, Part(member.name, sheet.name, header[1], _place_of_codes(member, header[1]))
    if not found:
        raise _without_codes(member)


def _place_of_codes(member: Member, titles: Sequence[str]) -> int:
    places = [place for place, title in enumerate(titles) if marks.is_column(title)]
    if len(places) != 1:
        raise _without_codes(member)
    return places[0]


def _without_codes(member: Member) -> BadInput:
    return member.bad(
        "the column flyover_entry, by which its rows are known, is missing or there twice",
        code="refused.correction_without_codes",
        advice=_DOWNLOAD_AGAIN,
    )


def _first_rows(sheet: Sheet) -> Iterator[tuple[int, Mapping[int, Cell]]]:
    return islice(((row.number, row.cells) for row in sheet.rows()), HEADER_WITHIN)


def _header(sheet: Sheet) -> tuple[int, tuple[str, ...]] | None:
    """(row, titles) of a sheet's header, if it has one of ours."""
    for number, cells in _first_rows(sheet):
        written = {place: marks.plain(shown(cell)) for place, cell in cells.items()}
        if any(marks.is_column(title) for title in written.values()):
            return number, tuple(written.get(place, "") for place in range(max(written) + 1))
    return None


def _sheet_rows(member: Member, part: Part) -> Iterator[Filled]:
    with workbook.opened(member) as book:
        for sheet in book.sheets:
            if sheet.name != part.sheet or (header := _header(sheet)) is None:
                continue
            for row in sheet.rows():
                if row.number > header[0]:
                    yield Filled(part, row.number, shown(row.cells.get(part.code)), row.cells)


def _text_rows(member: Member, part: Part) -> Iterator[Filled | Unread]:
    for record in Heading(member, part.titles, ()).records():
        if isinstance(record, Rejected):
            yield Unread(part, record.line, record.rule_id)
            continue
        line, fields = record
        yield Filled(part, line, fields[part.code], {n: text for n, text in enumerate(fields) if text.strip()})
