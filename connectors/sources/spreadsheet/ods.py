"""OpenDocument workbooks (.ods): one XML part for all sheets, read as a stream up to the sheet that is asked for."""

from __future__ import annotations

import functools
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from connectors.sources.package import Member
from connectors.sources.spreadsheet.book import (
    LONGEST_CELL,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEETS,
    Sheet,
    Workbook,
    encrypted,
    small_part,
    too_large,
    whole,
    with_links,
    with_macros,
)
from connectors.sources.spreadsheet.cells import ERROR, UNCALCULATED, Cell, Fault, Flag, Moment, SheetRow, number
from connectors.sources.spreadsheet.xml_stream import elements, fed, local, new_parser

_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_NUMBERS = ("float", "currency", "percentage")
_ZEROS = re.compile(r"0\d+")
_SHEET_DEPTH = 4
"""Sheets are children of document, body and spreadsheet; deeper tables belong to charts and changes."""


def read(archive: zipfile.ZipFile, member: Member) -> Workbook:
    """The workbook in an archive whose size was checked."""
    names = archive.namelist()
    if "mimetype" not in names or not archive.read("mimetype").startswith(_TYPE):
        raise member.bad("this is no workbook", code="refused.workbook_kind", advice="Save the table as .ods or .xlsx.")
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise with_macros(member)
    if "META-INF/manifest.xml" in names:
        with small_part(archive, "META-INF/manifest.xml", member) as file:
            if any(element.name == "encryption-data" for element in elements(file, member)):
                raise encrypted(member)
    outline = Outline()
    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = outline.start, outline.end
    with _content(archive, member) as file:
        list(fed(parser, file, [], member))
    if outline.has_links:
        raise with_links(member)
    if len(outline.sheets) > MOST_SHEETS:
        raise too_large(member, f"the workbook has more than {MOST_SHEETS} sheets")
    sheets = [
        Sheet(name, style in outline.hidden, functools.partial(_rows, archive, member, position))
        for position, (name, style) in enumerate(outline.sheets)
    ]
    return Workbook("ods", sheets, outline.is_1904)


def _content(archive: zipfile.ZipFile, member: Member) -> IO[bytes]:
    with whole(member):
        return archive.open("content.xml")


def _rows(archive: zipfile.ZipFile, member: Member, position: int) -> Iterator[SheetRow]:
    made: list[object] = []
    stream = SheetStream(member, position, made)
    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = stream.start, stream.end
    parser.CharacterDataHandler = stream.characters
    with _content(archive, member) as file:
        for row in fed(parser, file, made, member):
            if isinstance(row, SheetRow):
                yield row
            elif row is _PAST:
                return


_PAST = object()
"""Says that the sheet asked for has ended."""


class Outline:
    """What the content says before any row: sheets, which styles hide them, from where days count."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.hidden: set[str] = set()
        self.is_1904 = self.has_links = False
        self._depth, self._style = 0, ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        name = local(name)
        if name in ("table-cell", "table-row", "p"):
            return
        said = {local(key): value for key, value in attributes.items()}
        if name == "table" and self._depth == _SHEET_DEPTH:
            self.sheets.append((said.get("name", ""), said.get("style-name", "")))
        elif name == "style":
            self._style = said.get("name", "")
        elif name == "table-properties" and said.get("display") == "false":
            self.hidden.add(self._style)
        elif name == "null-date":
            self.is_1904 = said.get("date-value", "").startswith("1904-01-01")
        elif name in ("table-source", "dde-source", "database-range-source"):
            self.has_links = True

    def end(self, _: str) -> None:
        """An element ends."""
        self._depth -= 1


class SheetStream:
    """Takes one sheet apart; repeated and merged cells are written out."""

    def __init__(self, member: Member, position: int, made: list[object]) -> None:
        self._member, self._position, self._made = member, position, made
        self._depth, self._seen = 0, -1
        self._row = self._row_repeats = self._column = self._cells = self._paragraphs = self._aside = 0
        self._current: dict[int, Cell] = {}
        self._filled: set[int] = set()
        self._merged: dict[int, tuple[Cell, int]] = {}
        self._said: dict[str, str] = {}
        self._text: list[str] = []
        self._locals: dict[str, str] = {}

    @property
    def _is_inside(self) -> bool:
        return self._seen == self._position

    def _local(self, name: str) -> str:
        found = self._locals.get(name)
        if found is None:
            found = self._locals[name] = local(name)
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        name = self._local(name)
        if name == "table" and self._depth == _SHEET_DEPTH:
            self._seen += 1
        if not self._is_inside:
            return
        if name in ("annotation", "shapes"):
            self._aside += 1
        elif name == "table-row":
            self._row += 1
            self._row_repeats = self._count(attributes, "number-rows-repeated")
            self._column, self._current, self._filled = 0, {}, set()
        elif name in ("table-cell", "covered-table-cell"):
            self._said = {self._local(key): value for key, value in attributes.items()}
            self._paragraphs = 0
            self._text.clear()
        elif not self._aside:
            self._start_text(name, attributes)

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            if self._paragraphs:
                self._text.append("\n")
            self._paragraphs += 1
        elif name == "s":
            self._text.append(" " * min(self._count(attributes, "c"), LONGEST_CELL))
        elif name == "tab":
            self._text.append("\t")
        elif name == "line-break":
            self._text.append("\n")

    def characters(self, data: str) -> None:
        """Text inside the current element."""
        if self._is_inside and self._paragraphs and not self._aside:
            self._text.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        name = self._local(name)
        if self._is_inside:
            if name in ("annotation", "shapes"):
                self._aside -= 1
            elif name in ("table-cell", "covered-table-cell"):
                self._end_cell(is_covered=name == "covered-table-cell")
            elif name == "table-row":
                self._end_row()
            elif name == "table" and self._depth == _SHEET_DEPTH:
                self._made.append(_PAST)
        self._depth -= 1

    def _end_cell(self, *, is_covered: bool) -> None:
        repeats = max(1, int(self._said.get("number-columns-repeated", "1")))
        cell = None if is_covered else self._cell("".join(self._text))
        rows = int(self._said.get("number-rows-spanned", "1"))
        for column in range(self._column, min(self._column + repeats, MOST_COLUMNS)):
            if cell is not None:
                self._current[column] = cell
                if rows > 1:
                    self._merged[column] = (cell, self._row + rows - 1)
            elif is_covered and column in self._merged and self._merged[column][1] >= self._row:
                self._current[column] = self._merged[column][0]
                self._filled.add(column)
        if cell is not None and self._column + repeats > MOST_COLUMNS:
            raise too_large(self._member, "the sheet has more columns than we read")
        self._column += repeats

    def _end_row(self) -> None:
        number_, repeats = self._row, self._row_repeats
        self._row += repeats - 1
        if not self._current:
            return
        self._cells += len(self._current) * repeats
        if self._cells > MOST_CELLS or self._row > MOST_ROWS:
            raise too_large(self._member, "the sheet has more cells than we read")
        filled = frozenset(self._filled)
        self._made.extend(SheetRow(number_ + more, self._current, filled) for more in range(repeats))

    def _cell(self, text: str) -> Cell | None:
        if len(text) > LONGEST_CELL:
            raise too_large(self._member, "a cell holds more text than a spreadsheet program allows")
        said = self._said
        kind = said.get("value-type")
        if kind == "error" or (text.startswith("#") and "formula" in said and kind in ("string", None)):
            return Fault(ERROR, text or "#")
        if "formula" in said and kind is None:
            return Fault(UNCALCULATED, "=")
        if kind in _NUMBERS:
            return self._number(said.get("value", ""), text.strip(), is_percent=kind == "percentage")
        if kind == "date":
            return Moment(said.get("date-value", "").removesuffix("T00:00:00"))
        if kind == "boolean":
            return Flag(said.get("boolean-value") == "true")
        return text or said.get("string-value") or None

    def _number(self, raw: str, text: str, *, is_percent: bool) -> Cell:
        if text in ("TRUE", "FALSE"):
            return Flag(text == "TRUE")
        digits = len(text) if _ZEROS.fullmatch(text) else 0
        return number(float(raw), is_percent=is_percent, digits=digits, raw=raw)

    def _count(self, attributes: dict[str, str], name: str) -> int:
        return max(1, int(next((value for key, value in attributes.items() if self._local(key) == name), "1")))
