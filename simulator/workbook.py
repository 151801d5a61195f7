"""Writing a spreadsheet the way an office does: a merged title, a header in Chinese, rows, and a line of totals.

Rows are streamed to the disk, so memory stays flat. The same rows give the same bytes: the times a workbook keeps of
its own making, and those of the entries of its zip, are fixed.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from simulator.files import still_entry

_MADE: Final = dt.datetime(2025, 12, 31, 18, 0, 0)  # noqa: DTZ001 - a workbook's times have no zone
_ROWS_ABOVE: Final = 2


class Sheet:
    """One workbook of one sheet being written; `rows` counts data rows, `line` is the sheet's row of the last one."""

    def __init__(self, path: Path, title: str, sheet: str, header: Sequence[str]) -> None:
        self.path = path
        self.rows = 0
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet(sheet)
        self._sheet.merged_cells.add(f"A1:{get_column_letter(len(header))}1")
        for column in range(1, len(header) + 1):
            self._sheet.column_dimensions[get_column_letter(column)].width = 14
        heading = WriteOnlyCell(self._sheet, title)
        heading.font = Font(bold=True, size=16)
        self._sheet.append([heading])
        self._sheet.append(list(header))

    @property
    def line(self) -> int:
        """Number of the sheet's row written last, as a person counts: the title is row 1."""
        return self.rows + _ROWS_ABOVE

    def write(self, row: Iterable[object]) -> None:
        """Append one data row; dates become the workbook's dates, numbers its numbers, "" an empty cell."""
        self._append(row)
        self.rows += 1

    def write_totals(self, row: Iterable[object]) -> None:
        """Append the line below the data."""
        self._append(row)

    def close(self) -> None:
        """Write the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._book.properties.creator = self._book.properties.lastModifiedBy = "模拟数据"
        self._book.properties.created = self._book.properties.modified = _MADE
        with _StillArchive(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
            ExcelWriter(self._book, archive).save()

    def _append(self, row: Iterable[object]) -> None:
        self._sheet.append([None if value == "" else value for value in row])


class _StillArchive(zipfile.ZipFile):
    """A zip in which every entry bears the same time, whenever it is made."""

    def writestr(
        self, name: Any, data: Any, compress_type: int | None = None, compresslevel: int | None = None
    ) -> None:
        super().writestr(still_entry(str(name)), data, compress_type, compresslevel)

    def write(
        self, filename: Any, arcname: Any = None, compress_type: int | None = None, compresslevel: int | None = None
    ) -> None:
        with Path(filename).open("rb") as plain, self.open(still_entry(str(arcname)), "w", force_zip64=True) as entry:
            while block := plain.read(1 << 16):
                entry.write(block)
