"""Writing what an agency drops: CSV tables row by row, zips with fixed times, nothing visible until whole."""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_ZIP_TIME: Final = (2025, 12, 31, 18, 0, 0)
_UNIX: Final = 3
_READ_BY_ALL: Final = 0o644


class Table:
    """One CSV file being written; `rows` counts data rows, `line` is the file line of the last one."""

    def __init__(
        self, path: Path, header: Sequence[str], *, quote_all: bool = False, bom: bool = False, end: str = "\n",
        encoding: str = "utf-8",
    ) -> None:  # fmt: skip
        self.path = path
        self.rows = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8-sig" if bom else encoding, newline="")
        self._write = (
            csv.writer(self._file, quoting=csv.QUOTE_ALL, lineterminator=end).writerow
            if quote_all
            else csv.writer(self._file, lineterminator=end).writerow
        )
        self._write(header)

    @property
    def line(self) -> int:
        """Line number of the row written last; no field holds a line break, so it follows from the count."""
        return self.rows + 1

    def write(self, row: Iterable[object]) -> None:
        """Append one row as it is, whether or not it has as many fields as the header."""
        self._write(row)
        self.rows += 1

    def close(self) -> None:
        """Flush and close; may be called twice."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def writing_place(final: Path) -> Path:
    """An empty hidden folder beside `final`, where a delivery is built until it is whole."""
    place = final.with_name(f".{final.name}.writing")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def deliver_folder(place: Path, final: Path) -> None:
    """Give a finished folder its name, replacing an earlier one."""
    shutil.rmtree(final, ignore_errors=True)
    place.replace(final)


def deliver_file(place: Path, final: Path) -> None:
    """Move the single file out of its writing place under its final name."""
    (only,) = place.iterdir()
    only.replace(final)
    place.rmdir()


def deliver_zip(place: Path, names: Sequence[str], final: Path) -> None:
    """Pack the named files of the writing place, in this order and with fixed times, and remove the place.

    Equal content gives equal bytes as long as the machine has the same zlib.
    """
    packed = final.with_name(f".{final.name}.part")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        for name in names:
            with (place / name).open("rb") as plain, archive.open(still_entry(name), "w", force_zip64=True) as entry:
                shutil.copyfileobj(plain, entry, 1 << 16)
            (place / name).unlink()
    packed.replace(final)
    place.rmdir()


def still_entry(name: str) -> zipfile.ZipInfo:
    """An entry of a zip that says the same about itself whenever and wherever it is made."""
    info = zipfile.ZipInfo(name, _ZIP_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = _READ_BY_ALL << 16
    return info
