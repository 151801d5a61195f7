"""Office Open XML workbooks (.xlsx): sheets as a stream; only the texts that cells share are held.

Not read with a library of the trade: those that are quick drop error cells and formulas without a value, and hold the
whole sheet (700 MB for 300,000 rows).
"""

from __future__ import annotations

import math
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, NamedTuple

from connectors.sources.package import Member
from connectors.sources.spreadsheet import dates, merged
from connectors.sources.spreadsheet.cells import (
    ERROR,
    UNCALCULATED,
    Cell,
    Fault,
    Flag,
    Moment,
    SheetRow,
    Span,
    column_of,
    number,
)
from connectors.sources.spreadsheet.workbook import (
    LONGEST_CELL,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEETS,
    MOST_SPANS,
    Sheet,
    Workbook,
    damaged,
    small_part,
    too_large,
    with_links,
    with_macros,
)
from connectors.sources.spreadsheet.xml_stream import elements, fed, local, new_parser

_LINKS = ("/externalLinks/", "/connections.xml", "/queryTables/")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_MERGED_LONGEST = 256
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


def read(archive: zipfile.ZipFile, member: Member) -> Workbook:
    """The workbook in an archive whose size was checked."""
    names = archive.namelist()
    if any("vbaProject" in name or "/macrosheets/" in name for name in names) or _says_macros(archive, member):
        raise with_macros(member)
    if any(link in f"/{name}" for name in names for link in _LINKS):
        raise with_links(member)
    main = _main_part(archive, member)
    targets = _targets(archive, main, member)
    listed, is_1904 = _listed(archive, main, member)
    if len(listed) > MOST_SHEETS:
        raise too_large(member, f"the workbook has more than {MOST_SHEETS} sheets")
    by_kind = dict(targets.values())
    book = Book(
        archive,
        member,
        _texts(archive, by_kind.get("sharedStrings"), member),
        _styles(archive, by_kind.get("styles"), member),
        is_1904,
    )
    sheets = [
        _sheet(book, name, state != "visible", targets[key][1])
        for name, state, key in listed
        if targets.get(key, ("", ""))[0] == "worksheet"
    ]
    return Workbook("xlsx", sheets, is_1904)


def _says_macros(archive: zipfile.ZipFile, member: Member) -> bool:
    with small_part(archive, "[Content_Types].xml", member) as file:
        return any("macroEnabled" in e.attributes.get("ContentType", "") for e in elements(file, member))


def _main_part(archive: zipfile.ZipFile, member: Member) -> str:
    with small_part(archive, "_rels/.rels", member) as file:
        for element in elements(file, member):
            if element.attributes.get("Type", "").endswith("/officeDocument"):
                path = element.attributes.get("Target", "").lstrip("/")
                if path.endswith(".bin"):
                    raise member.bad(
                        "this is a binary workbook (.xlsb)",
                        code="refused.workbook_kind",
                        advice="Save it as .xlsx.",
                    )
                if posixpath.basename(path) == "workbook.xml":
                    return path
    raise member.bad("this is no workbook", code="refused.workbook_kind", advice="Save the table as .xlsx.")


def _targets(archive: zipfile.ZipFile, main: str, member: Member) -> dict[str, tuple[str, str]]:
    """(kind, path) of the workbook's parts by their relationship."""
    folder, name = posixpath.split(main)
    found = {}
    with small_part(archive, f"{folder}/_rels/{name}.rels", member) as file:
        for element in elements(file, member):
            said = element.attributes
            if element.name != "Relationship" or said.get("TargetMode") == "External":
                continue
            target = said.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found[said.get("Id", "")] = (posixpath.basename(said.get("Type", "")), path)
    return found


def _listed(archive: zipfile.ZipFile, main: str, member: Member) -> tuple[list[tuple[str, str, str]], bool]:
    """(name, state, relationship) of each sheet in order, and whether days count from 1904."""
    listed, is_1904 = [], False
    with small_part(archive, main, member) as file:
        for element in elements(file, member):
            said = element.attributes
            if element.name == "sheet":
                listed.append((said.get("name", ""), said.get("state", "visible"), said.get("id", "")))
            elif element.name == "workbookPr":
                is_1904 = said.get("date1904", "0") in ("1", "true", "on")
    return listed, is_1904


def _texts(archive: zipfile.ZipFile, path: str | None, member: Member) -> list[str]:
    """Texts that cells share, by number; readings printed above Chinese or Japanese words are left out."""
    texts: list[str] = []
    if path is None:
        return texts
    parts: list[str] = []
    with small_part(archive, path, member) as file:
        for element in elements(file, member):
            if element.name == "t":
                parts.append(element.text)
            elif element.name == "rPh" and parts:
                parts.pop()
            elif element.name == "si":
                texts.append(unescaped("".join(parts)))
                parts.clear()
    return texts


def _styles(archive: zipfile.ZipFile, path: str | None, member: Member) -> list[Style]:
    """Styles of cells by number."""
    codes: dict[int, str] = {}
    chosen: list[int] = []
    within: list[int] = []
    if path is None:
        return []
    with small_part(archive, path, member) as file:
        for element in elements(file, member):
            if element.name == "numFmt":
                codes[int(element.attributes["numFmtId"])] = element.attributes.get("formatCode", "")
            elif element.name == "xf":
                within.append(int(element.attributes.get("numFmtId", "0")))
            elif element.name in ("cellStyleXfs", "cellXfs"):
                chosen = within if element.name == "cellXfs" else chosen
                within = []
    return [_style(id_, codes.get(id_)) for id_ in chosen]


def _style(format_id: int, code: str | None) -> Style:
    return Style(dates.shows_date(format_id, code), dates.shows_percent(format_id, code), dates.shows_digits(code))


def _sheet(book: Book, name: str, is_hidden: bool, path: str) -> Sheet:
    if path not in book.archive.namelist():
        raise damaged(book.member, "a sheet of the workbook is missing")

    def rows() -> Iterator[SheetRow]:
        with book.archive.open(path) as file:
            spans = _spans(file, book.member)
        with book.archive.open(path) as file:
            yield from merged.filled(SheetStream(book).rows(file), spans)

    return Sheet(name, is_hidden, rows)


def _spans(file: IO[bytes], member: Member) -> list[Span]:
    """Cells merged over several rows: they are listed below the rows, so the part is skimmed once before."""
    found, rest = [], b""
    while piece := file.read(2**20):
        text = rest + piece
        end = 0
        for match in _MERGED.finditer(text):
            end = match.end()
            if match[2] != match[4]:
                found.append(Span(int(match[2]), int(match[4]), column_of(match[1].decode())))
        if len(found) > MOST_SPANS:
            raise too_large(member, "the sheet has more merged cells than we follow")
        rest = text[max(end, len(text) - _MERGED_LONGEST) :]
    return found


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
