"""Counts what was put right in a delivery, so that its sender can be told; never what stood there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from connectors.sources.base import Rejected, Repair, Row, Table
from pipeline.db import Connection

_WRITE = (
    "insert into connect.repair (delivery_id, entity, file, code, field, rows, first_line) "
    "values (%s, %s, %s, %s, %s, %s, %s)"
)


class Repairs:
    """The repairs of one delivery; memory grows with their kinds, not with the rows."""

    def __init__(self, shown: Callable[[str], str]) -> None:
        self._shown = shown
        self._kinds: dict[tuple[str, str | None, str, str | None], list[int | None]] = {}

    def of(self, table: Table) -> Iterator[Row | Rejected]:
        """The rows of a table, their repairs counted on the way."""
        for repair in table.repairs:
            self._count(table, repair, None)
        for row in table.rows():
            if isinstance(row, Row) and row.repairs:
                for repair in row.repairs:
                    self._count(table, repair, row.line)
            yield row

    def write(self, connection: Connection[Any], delivery_id: uuid.UUID) -> None:
        """Keep them beside the delivery."""
        with connection.cursor() as cursor:
            cursor.executemany(
                _WRITE,
                [
                    (delivery_id, entity, file, code, field, rows, first_line)
                    for (entity, file, code, field), (rows, first_line) in sorted(
                        self._kinds.items(), key=lambda kind: tuple(part or "" for part in kind[0])
                    )
                ],
            )

    def _count(self, table: Table, repair: Repair, line: int | None) -> None:
        file = repair.file or table.file
        kind = (table.entity, None if file is None else self._shown(file), repair.code, repair.field)
        known = self._kinds.setdefault(kind, [0, line])
        known[0] = (known[0] or 0) + repair.rows
