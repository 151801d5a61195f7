"""Excel 97 workbooks (.xls), whose few rows (65,536 a sheet) are held while they are read."""

from __future__ import annotations

import datetime as dt
import functools
import io
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from connectors.sources.package import Member
from connectors.sources.spreadsheet import merged, ole
from connectors.sources.spreadsheet.book import (
    LARGEST_FILE,
    LONGEST_CELL,
    MOST_COLUMNS,
    Sheet,
    Workbook,
    damaged,
    encrypted,
    too_large,
    with_macros,
)
from connectors.sources.spreadsheet.cells import ERROR, Cell, Fault, Flag, Moment, SheetRow, Span, number

T = TypeVar("T")
_WORKBOOK = "Workbook"
_BOOL_OR_ERROR, _FORMULA, _BEGIN, _END, _SHEET, _DATE_1904, _PASSWORD = 0x205, 0x6, 0x809, 0xA, 0x85, 0x22, 0x2F
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
Errors = Mapping[tuple[int, int], Fault]


class Facts(NamedTuple):
    """What the records say that the library which reads the cells does not: errors by sheet, and days from 1904."""

    errors: Sequence[Errors]
    is_1904: bool
    is_encrypted: bool


def read(data: bytes, member: Member) -> Workbook:
    """The workbook in these bytes.

    :raises BadInput: encrypted, with macros, damaged, or no workbook
    """
    if len(data) > LARGEST_FILE:
        raise too_large(member, f"the workbook is larger than {LARGEST_FILE // 2**20} MB")
    try:
        container = ole.read(data)
        facts = _facts(container)
    except (ole.OleError, struct.error, IndexError, KeyError) as error:
        raise damaged(member, "the workbook is torn") from error
    if "EncryptedPackage" in container.starts or facts.is_encrypted:
        raise encrypted(member)
    if "_VBA_PROJECT_CUR" in container.starts:
        raise with_macros(member)
    if _WORKBOOK not in container.starts:
        raise member.bad("this is no workbook", code="refused.workbook_kind", advice="Save the table as .xlsx.")
    book = _unpanicked(lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)), member)
    sheets = [
        Sheet(
            meta.name,
            meta.visible != SheetVisibleEnum.Visible,
            functools.partial(
                _rows, book, position, facts.errors[position] if position < len(facts.errors) else {}, member
            ),
        )
        for position, meta in enumerate(book.sheets_metadata)
        if meta.typ == SheetTypeEnum.WorkSheet
    ]
    return Workbook("xls", sheets, facts.is_1904)


def _unpanicked(read_: Callable[[], T], member: Member) -> T:
    """What the library gives; its errors, and the crashes it reports as no ordinary exception, are the file's fault."""
    try:
        return read_()
    except PasswordError as error:
        raise encrypted(member) from error
    except CalamineError as error:
        raise damaged(member, "the workbook is damaged: a part of it cannot be read") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(member, "the workbook is damaged: a part of it cannot be read") from error


def _rows(book: CalamineWorkbook, position: int, errors: Errors, member: Member) -> Iterator[SheetRow]:
    sheet = _unpanicked(lambda: book.get_sheet_by_index(position), member)
    spans = [
        Span(first[0] + 1, last[0] + 1, first[1])
        for first, last in sheet.merged_cell_ranges or []
        if first[0] != last[0]
    ]
    yield from merged.filled(_cells(sheet, errors), spans)


def _cells(sheet: CalamineSheet, errors: Errors) -> Iterator[SheetRow]:
    if sheet.start is None:
        return
    top, left = sheet.start
    for row, values in enumerate(sheet.iter_rows(), top):
        cells: dict[int, Cell] = {}
        for column, value in enumerate(values, left):
            if fault := errors.get((row, column)):
                cells[column] = fault
            elif value != "" and column < MOST_COLUMNS:
                cells[column] = _cell(value)
        if cells:
            yield SheetRow(row + 1, cells)


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value[:LONGEST_CELL]
    if isinstance(value, bool):
        return Flag(value)
    if isinstance(value, int | float):
        return number(float(value), raw=repr(value))
    if isinstance(value, dt.datetime):
        return Moment(value.isoformat().removesuffix("T00:00:00"))
    return Moment(value.isoformat()) if isinstance(value, dt.date) else str(value)


def _facts(container: ole.Container) -> Facts:
    if _WORKBOOK not in container.starts:
        return Facts((), is_1904=False, is_encrypted=False)
    stream = container.stream(_WORKBOOK)
    sheets, is_1904 = [], False
    for kind, body in _records(stream, 0):
        if kind == _PASSWORD:
            return Facts((), is_1904=False, is_encrypted=True)
        if kind == _SHEET:
            sheets.append(struct.unpack_from("<I", body)[0])
        elif kind == _DATE_1904:
            is_1904 = body[:1] == b"\x01"
    return Facts([dict(_errors(stream, at)) for at in sheets], is_1904, is_encrypted=False)


def _errors(stream: bytes, at: int) -> Iterator[tuple[tuple[int, int], Fault]]:
    for kind, body in _records(stream, at):
        code = None
        if kind == _BOOL_OR_ERROR and body[7]:
            code = body[6]
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            code = body[8]
        if code is not None:
            yield struct.unpack_from("<HH", body), Fault(ERROR, _ERRORS.get(code, "#"))


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Records of one substream; those of charts inside it are passed over."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BEGIN) - (kind == _END)
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + length]
        elif depth == 0:
            return
        at += 4 + length
