"""Rows that a transport has already taken apart, written down until they are staged.

A spool is a folder: ``spool.json`` (source and mode) and one ``<entity>.jsonl`` an entity. It is the original of its
delivery, so it goes sealed into the intake store like a file.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import msgspec

from connectors.sources.base import Rejected, Repair, Row, Table, TableMode
from pipeline import names

_HEAD = "spool.json"


class _Head(msgspec.Struct):
    source: str
    mode: TableMode
    entities: list[str]


class _Line(msgspec.Struct, omit_defaults=True):
    values: dict[str, str | None]
    deleted: bool = False
    modified_at: str | None = None
    part: str | None = None
    repairs: tuple[Repair, ...] = ()
    rejected: Rejected | None = None


class Spool:
    """Writes rows by entity; counts them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._files: dict[str, IO[bytes]] = {}
        self._encoder = msgspec.json.Encoder()
        self.rows = 0

    @property
    def entities(self) -> list[str]:
        """Entities of which something was written or announced."""
        return sorted(self._files)

    def announce(self, entity: str) -> None:
        """Take an entity in that may have no row: of a bulk spool, everything of it is gone then."""
        if entity not in self._files:
            path = self._folder / f"{names.table('spool', entity)}.jsonl"
            self._files[entity] = self._stack.enter_context(path.open("wb"))

    def row(self, entity: str, row: Row | Rejected) -> None:
        """Write one row; its line is its number in the spool."""
        self.announce(entity)
        line = (
            _Line({}, rejected=row)
            if isinstance(row, Rejected)
            else _Line(row.values, row.deleted, row.modified_at, row.part, row.repairs)
        )
        self._files[entity].write(self._encoder.encode(line) + b"\n")
        self.rows += 1


@contextmanager
def writing(folder: Path, source: str, mode: TableMode) -> Iterator[Spool]:
    """Write a spool into ``folder``, which is made; it can be opened once the block has ended well."""
    folder.mkdir(parents=True, mode=0o700)
    with ExitStack() as stack:
        spool = Spool(folder, stack)
        yield spool
    (folder / _HEAD).write_bytes(msgspec.json.encode(_Head(source, mode, spool.entities)))


def is_spool(origin: Path) -> bool:
    """Whether a folder is a whole spool."""
    return (origin / _HEAD).is_file()


def opened(origin: Path) -> Sequence[Table]:
    """Its tables; the rows of each are read anew at every call."""
    head = msgspec.json.decode((origin / _HEAD).read_bytes(), type=_Head)
    return [
        Table(
            entity,
            head.mode,
            functools.partial(_rows, origin / f"{names.table('spool', entity)}.jsonl"),
        )
        for entity in head.entities
    ]


def _rows(path: Path) -> Iterator[Row | Rejected]:
    decode = msgspec.json.Decoder(_Line).decode
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            line = decode(text)
            if line.rejected is not None:
                yield line.rejected._replace(line=number)
            else:
                yield Row(number, line.values, line.deleted, line.modified_at, line.repairs, line.part)
