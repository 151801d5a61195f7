"""The rows an agency can still put right, as a file it fills in and sends back: a workbook, or CSV; both streamed.

Beside each row stands what is wrong with it and its code, by which it is known when it comes back. Columns of names
and identity numbers are there and empty. In the workbook every cell is text, so that no id becomes a number, and the
cells at fault are coloured. No cell is ever run as a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from connectors.corrections import cells, marks, showing
from connectors.registry import Language
from pipeline.db import Connection
from pipeline.settings import Secrets
from portal import csv_lines
from portal.agency import rows
from portal.agency.receipt import Part
from portal.agency.rows import KeptRow

_GUIDED = len(marks.GUIDE) + 1
"""Columns before those of the row itself."""
_HEADER, _GUIDE = PatternFill("solid", fgColor="1F4E79"), PatternFill("solid", fgColor="E7E6E6")
_FAULT = PatternFill("solid", fgColor="F8CBAD")
_WHITE, _TEXT = Font(bold=True, color="FFFFFF"), "@"
_WIDTHS = (8, 20, 22, 22, 40, 48, 30)
_WIDTH = 18
_SHEETS = {"zh": ("待更正", "填写说明"), "en": ("Rows to mend", "Guide")}
_ADVICE = {
    "zh": (
        "请在“待更正”表中更正有问题的单元格（橙色），保存后直接报送本文件。",
        "请不要改动 flyover_entry 列和表头；行可以排序、删除，未改动的行保持待更正。",
        "姓名、证件号码等列是空的：我方不保存这些内容。无须更改时请留空；如原来有误，请填写正确的内容。",
        "所有单元格都是文本格式；请不要改成数字。",
    ),
    "en": (
        "Mend the cells at fault (orange) in the sheet of rows, save it and hand this file in as it is.",
        "Leave the column flyover_entry and the header as they are. Rows may be sorted or deleted.",
        "Columns of names and identity numbers are empty, for we keep none; fill in only what was wrong.",
        "All cells are text; do not make them numbers.",
    ),
}


@dataclass(frozen=True)
class MendFile:
    """The file of one table of one agency's receipt."""

    connection: Connection[Any]
    secrets: Secrets
    agency_code: str
    part: Part
    language: Language

    def as_csv(self) -> Iterator[bytes]:
        """As CSV that a spreadsheet program opens."""
        return csv_lines.encoded(self._lines())

    def as_workbook(self, file: IO[bytes]) -> None:
        """As .xlsx, in constant memory."""
        book = Workbook(write_only=True)
        sheet, guide = (book.create_sheet(title) for title in _SHEETS[self.language])
        for line in _ADVICE[self.language]:
            guide.append([line])
        self._shape(sheet)
        looks = _Looks(sheet)
        over = [looks.guide_header] * _GUIDED + [looks.header] * len(showing.fields(self.part.contract))
        sheet.append([_text(sheet, title, look) for title, look in zip(self._header(), over, strict=True)])
        for row in self._rows():
            sheet.append(self._cells(sheet, row, looks))
        book.save(file)

    def _rows(self) -> Iterator[KeptRow]:
        return rows.of_part(self.connection, self.part, to_mend_only=True)

    def _header(self) -> list[str]:
        guide = [zh if self.language == "zh" else en for zh, en in marks.GUIDE]
        return [*guide, marks.COLUMN, *showing.titles(self.part.contract, self.language)]

    def _lines(self) -> Iterator[Sequence[object]]:
        yield self._header()
        for row in self._rows():
            yield [*self._guide(row), *self._values(row)]

    def _guide(self, row: KeptRow) -> list[object]:
        return [
            row.line,
            row.part or self.part.file,
            row.record,
            ", ".join(self._title_of(name) for name in row.columns),
            rows.joined((reason.title for reason in row.reasons), self.language),
            rows.joined((reason.mend for reason in row.reasons), self.language),
            marks.code(self.secrets, self.agency_code, row.entry),
        ]

    def _values(self, row: KeptRow) -> list[str | None]:
        return [row.values.get(field.name) for field in showing.fields(self.part.contract)]

    def _title_of(self, name: str) -> str:
        names = [field.name for field in showing.fields(self.part.contract)]
        return showing.titles(self.part.contract, self.language)[names.index(name)] if name in names else name

    def _cells(self, sheet: WriteOnlyWorksheet, row: KeptRow, looks: _Looks) -> list[WriteOnlyCell]:
        made = [_text(sheet, value, looks.guide) for value in self._guide(row)]
        for field, value in zip(showing.fields(self.part.contract), self._values(row), strict=True):
            made.append(_text(sheet, value, looks.fault if field.name in row.columns else looks.plain))
        return made

    def _shape(self, sheet: WriteOnlyWorksheet) -> None:
        sheet.freeze_panes = f"{get_column_letter(_GUIDED + 1)}2"
        for number in range(1, len(self._header()) + 1):
            width = _WIDTHS[number - 1] if number <= len(_WIDTHS) else _WIDTH
            sheet.column_dimensions[get_column_letter(number)].width = width


class _Looks:
    """How cells look; made once, for a look costs far more than a cell."""

    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        self.plain, self.guide = self._of(sheet, None), self._of(sheet, _GUIDE)
        self.fault, self.header = self._of(sheet, _FAULT), self._of(sheet, _HEADER, _WHITE)
        self.guide_header = self._of(sheet, _GUIDE, Font(bold=True))

    def _of(self, sheet: WriteOnlyWorksheet, fill: PatternFill | None, font: Font | None = None) -> Any:
        cell = WriteOnlyCell(sheet)
        cell.number_format = _TEXT
        if fill is not None:
            cell.fill = fill
        if font is not None:
            cell.font, cell.alignment = font, Alignment(wrap_text=True, vertical="center")
        return cell._style


def _text(sheet: WriteOnlyWorksheet, value: object, look: Any) -> WriteOnlyCell:
    text = "" if value is None else cells.marked(str(value))
    cell = WriteOnlyCell(sheet, text or None)
    if text:
        cell.data_type = "s"
    cell._style = look
    return cell
