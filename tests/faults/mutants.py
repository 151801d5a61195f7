"""Drains that lack one part of what makes landing exactly once: what they do must show in the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.drain import DrainReport, Engine, Place
from pipeline.db import SQL, Connection


class OffsetFirst(Engine):
    """Moves the offset in a transaction of its own, before the rows are written."""

    def _write(
        self,
        connection: Connection[Any],
        leases: Mapping[Place, Any],
        fetched: Mapping[Place, Sequence[Any]],
        report: DrainReport,
    ) -> None:
        with connection.transaction():
            for place, records in fetched.items():
                self._move(connection, place, leases[place], records[-1].offset + 1)
                leases[place].next_offset = records[-1].offset + 1
        self._lander.meet(connection, fetched)
        connection.commit()
        with connection.transaction():
            report.landed_batches.extend(self._lander.land(connection, fetched))
        report.rows += sum(map(len, fetched.values()))


class NoComparison(Engine):
    """Moves the offset without looking whether another drain has moved it meanwhile."""

    def _move(self, connection: Connection[Any], place: Place, lease: Any, offset: int) -> None:
        connection.execute(
            SQL("update {} set next_offset = %s where topic_id = %s and partition = %s").format(self._table),
            (offset, place.topic_id, place.partition),
        )
