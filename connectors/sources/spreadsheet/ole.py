"""The container of .xls files and of encrypted workbooks: which streams it has, and one of them whole."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_NO_SECTOR = 0xFFFFFFFA
"""Numbers from here on say: end of chain, free, part of the table itself."""
_ENTRY, _ROOT = 128, "Root Entry"
_SMALL, _SMALL_SECTOR = 4096, 64


class OleError(Exception):
    """The container is torn."""


@dataclass(frozen=True)
class Container:
    """Streams by name: their first sector and size."""

    data: bytes
    sector_size: int
    table: tuple[int, ...]
    small_table_start: int
    starts: Mapping[str, tuple[int, int]]

    def stream(self, name: str) -> bytes:
        """A stream, whole. Small ones lie in sectors of their own inside the root's stream."""
        first, size = self.starts[name]
        if size >= _SMALL:
            return b"".join(_chain(self.data, self.sector_size, self.table, first))[:size]
        table = b"".join(_chain(self.data, self.sector_size, self.table, self.small_table_start))
        root = b"".join(_chain(self.data, self.sector_size, self.table, self.starts[_ROOT][0]))
        small = struct.unpack(f"<{len(table) // 4}I", table)
        return b"".join(_chain(bytes(_SMALL_SECTOR) + root, _SMALL_SECTOR, small, first))[:size]


def read(data: bytes) -> Container:
    """Read the container's directory.

    :raises OleError: when it is torn
    """
    try:
        shift = struct.unpack_from("<H", data, 30)[0]
        directory_start = struct.unpack_from("<I", data, 48)[0]
        small_table_start = struct.unpack_from("<I", data, 60)[0]
        more_start = struct.unpack_from("<I", data, 68)[0]
        listed = list(struct.unpack_from("<109I", data, 76))
    except struct.error as error:
        raise OleError from error
    if shift not in (9, 12):
        raise OleError
    size = 1 << shift
    per_sector = size // 4
    seen = set()
    while more_start < _NO_SECTOR and more_start not in seen:
        seen.add(more_start)
        *sectors, more_start = _numbers(data, size, more_start, per_sector)
        listed.extend(sectors)
    table: list[int] = []
    for sector in listed:
        if sector < _NO_SECTOR:
            table.extend(_numbers(data, size, sector, per_sector))
    directory = b"".join(_chain(data, size, tuple(table), directory_start))
    return Container(data, size, tuple(table), small_table_start, dict(_entries(directory)))


def _entries(directory: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        if 2 <= length <= 64:
            name = directory[at : at + length - 2].decode("utf-16-le", "replace")
            first, size = struct.unpack_from("<II", directory, at + 116)
            yield name, (first, size)


def _numbers(data: bytes, size: int, sector: int, count: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(f"<{count}I", data, (sector + 1) * size)
    except struct.error as error:
        raise OleError from error


def _chain(data: bytes, size: int, table: tuple[int, ...], sector: int) -> Iterator[bytes]:
    left = len(table) + 1
    while sector < _NO_SECTOR:
        left -= 1
        if left < 0 or sector >= len(table):
            raise OleError
        at = (sector + 1) * size
        yield data[at : at + size]
        sector = table[sector]
