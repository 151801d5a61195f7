"""One sheet of an Office Open XML workbook as a stream of rows."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, NamedTuple

from connectors.sources.package import Member
from connectors.sources.spreadsheet import dates
from connectors.sources.spreadsheet.book import (
    LONGEST_CELL,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    damaged,
    too_large,
)
from connectors.sources.spreadsheet.cells import (
    ERROR,
    UNCALCULATED,
    Cell,
    Fault,
    Flag,
    Moment,
    SheetRow,
    column_of,
    number,
)
from connectors.sources.spreadsheet.xml_stream import fed, local, new_parser

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REF = re.compile(r"([A-Z]+)(\d+)")


class Style(NamedTuple):
    """What a cell's number format says about its number."""

    is_date: bool = False
    is_percent: bool = False
    digits: int = 0


_PLAIN = Style()


class Book(NamedTuple):
    """What all sheets of a workbook share."""

    archive: zipfile.ZipFile
    member: Member
    texts: Sequence[str]
    styles: Sequence[Style]
    is_1904: bool


class SheetStream:
    """Takes one sheet apart; each row is handed on when it ends."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._made: list[object] = []
        self._row = self._column = self._cells = 0
        self._current: dict[int, Cell] = {}
        self._attributes: Mapping[str, str] = {}
        self._has_formula = self._has_value = self._is_reading = self._is_reading_aid = False
        self._text: list[str] = []
        self._locals: dict[str, str] = {}

    def rows(self, file: IO[bytes]) -> Iterator[SheetRow]:
        """The rows that have a cell with something in it."""
        parser = new_parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for row in fed(parser, file, self._made, self._book.member):
            if isinstance(row, SheetRow):
                yield row

    def _local(self, name: str) -> str:
        found = self._locals.get(name)
        if found is None:
            found = self._locals[name] = local(name)
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = self._local(name)
        if name == "c":
            self._attributes = attributes
            match = _REF.fullmatch(attributes.get("r", ""))
            self._column = column_of(match[1]) if match else self._column + 1
            self._has_formula = self._has_value = False
        elif name in ("v", "t"):
            self._is_reading, self._has_value = not self._is_reading_aid, True
        elif name == "f":
            self._has_formula = True
        elif name == "rPh":
            self._is_reading_aid = True
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            if not 0 < self._row <= MOST_ROWS:
                raise damaged(self._book.member, "the workbook counts its rows wrongly")
            self._column, self._current = -1, {}

    def _characters(self, data: str) -> None:
        if self._is_reading:
            self._text.append(data)

    def _end(self, name: str) -> None:
        name = self._local(name)
        if name in ("v", "t"):
            self._is_reading = False
        elif name == "rPh":
            self._is_reading_aid = False
        elif name == "c":
            cell = self._cell("".join(self._text))
            self._text.clear()
            if cell is not None:
                self._keep(cell)
        elif name == "row" and self._current:
            self._made.append(SheetRow(self._row, self._current))

    def _keep(self, cell: Cell) -> None:
        self._cells += 1
        if self._column >= MOST_COLUMNS or self._cells > MOST_CELLS:
            raise too_large(self._book.member, "the sheet has more cells than we read")
        self._current[self._column] = cell

    def _cell(self, text: str) -> Cell | None:
        kind = self._attributes.get("t", "n")
        if len(text) > LONGEST_CELL:
            raise too_large(self._book.member, "a cell holds more text than a spreadsheet program allows")
        if kind == "e":
            return Fault(ERROR, text or "#")
        if self._has_formula and not text and (kind == "n" or not self._has_value):
            return Fault(UNCALCULATED, "=")
        if kind == "s":
            return self._book.texts[int(text)] or None if text else None
        if kind in ("inlineStr", "str"):
            return unescaped(text) or None
        if not text:
            return None
        if kind == "b":
            return Flag(text in ("1", "true"))
        if kind == "d":
            return Moment(text.removesuffix("Z").removesuffix("T00:00:00"))
        return self._number(text)

    def _number(self, text: str) -> Cell:
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(text)
        index = int(self._attributes.get("s", "0"))
        style = self._book.styles[index] if index < len(self._book.styles) else _PLAIN
        if style.is_date and (day := dates.moment(value, is_1904=self._book.is_1904)):
            return Moment(day)
        return number(value, is_percent=style.is_percent, digits=style.digits, raw=text)


def unescaped(text: str) -> str:
    """Text with the control characters that the format writes as ``_x000D_``."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
