"""Office Open XML workbooks (.xlsx): sheets as a stream; only the texts that cells share are held.

Not read with a library of the trade: those that are quick drop error cells and formulas without a value, and hold the
whole sheet (700 MB for 300,000 rows).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from connectors.sources.package import Member
from connectors.sources.spreadsheet import dates, merged
from connectors.sources.spreadsheet.book import (
    MOST_SHEETS,
    MOST_SPANS,
    Sheet,
    Workbook,
    damaged,
    small_part,
    too_large,
    whole,
    with_links,
    with_macros,
)
from connectors.sources.spreadsheet.cells import SheetRow, Span, column_of
from connectors.sources.spreadsheet.xlsx_sheet import Book, SheetStream, Style, unescaped
from connectors.sources.spreadsheet.xml_stream import elements

_LINKS = ("/externalLinks/", "/connections.xml", "/queryTables/")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_MERGED_LONGEST = 256


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
        with whole(book.member), book.archive.open(path) as skimmed:
            spans = _spans(skimmed, book.member)
        with whole(book.member):
            file = book.archive.open(path)
        with file:
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
