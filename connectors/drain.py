"""The drain: from topics to tables exactly once, whoever is killed when.

The place reached in every partition is kept in the database that receives the rows and moves in the transaction
that writes them, by compare-and-set on (epoch, offset). A drain takes its partitions by raising their epoch, so
one that was thought dead and wakes up cannot write: its compare-and-set finds another epoch. Kafka's own
commits play no part. ``topic_id`` tells a topic that was deleted and made again: its offsets start anew.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipeline import kafka
from pipeline.db import SQL, Connection, Identifier, connect, patiently
from pipeline.errors import StaleDrain, SystemTrouble
from pipeline.settings import Settings

log = logging.getLogger(__name__)
KNEE_ROWS = 5_000
"""Rows a transaction: between 2,000 and 10,000 a COPY costs least per row."""


@dataclass(frozen=True)
class Place:
    """A partition of one life of a topic."""

    topic: str
    topic_id: uuid.UUID
    partition: int


class Lander(Protocol):
    """Writes fetched records into tables, in the transaction it is handed."""

    def forget(self) -> None:
        """Forget what was learnt: the drain begins anew, and its last transaction may have been undone."""
        ...

    def meet(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> None:
        """Prepare what may stand before the rows do; committed at once, so that no other drain waits for our rows."""
        ...

    def land(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> Sequence[uuid.UUID]:
        """Write what was met; returns the batches that became whole by it. Safe to run again after a rollback."""
        ...


@dataclass
class DrainReport:
    """What one drain did."""

    rows: int = 0
    landed_batches: list[uuid.UUID] = field(default_factory=list)


@dataclass
class _Lease:
    epoch: int
    next_offset: int


class Engine:
    """Drains topics to where they end when it starts, for one lander."""

    def __init__(
        self,
        settings: Settings,
        role: str,
        drain_table: tuple[str, str],
        topics: Sequence[str],
        lander: Lander,
        *,
        max_rows: int = KNEE_ROWS,
        partitions: Callable[[Place], bool] = lambda place: True,
    ) -> None:
        self._settings, self._role, self._lander = settings, role, lander
        self._table = SQL(".").join(map(Identifier, drain_table))
        self._topics, self._max_rows, self._wanted = topics, max_rows, partitions

    def run(self, stop: Callable[[], bool] = lambda: False) -> DrainReport:
        """Drain once; waits out servers that are away, and goes on from where the tables say.

        :raises StaleDrain: when another drain took a partition over meanwhile
        """
        report = DrainReport()
        patiently(lambda: self._drain(report, stop))
        return report

    def _drain(self, report: DrainReport, stop: Callable[[], bool]) -> None:
        places = self._places()
        if not places:
            return
        self._lander.forget()
        with connect(self._settings, self._role) as connection:
            leases = self._lease(connection, places)
            connection.commit()
            positions = [kafka.Position(p.topic, p.partition, lease.next_offset) for p, lease in leases.items()]
            with kafka.reader(self._settings, positions) as reader:
                ends = self._meet_ends(connection, reader, leases)
                by_name = {(p.topic, p.partition): p for p in leases}
                while not stop() and any(leases[p].next_offset < end for p, end in ends.items()):
                    fetched = {by_name[name]: records for name, records in reader.poll(self._max_rows)}
                    if fetched:
                        self._write(connection, leases, fetched, report)
                    else:
                        self._look_after(leases)

    def _look_after(self, places: Iterable[Place]) -> None:
        """Ask for the broker when nothing comes though more should: its client would wait for it without end.

        :raises SystemTrouble: when it is away, or came back without what was being read
        """
        found = kafka.topics(self._settings, self._topics)
        for place in places:
            topic = found.get(place.topic)
            if topic is None or topic.topic_id != place.topic_id:
                raise SystemTrouble(f"{place.topic} was deleted while it was read. The drain begins anew")

    def _places(self) -> list[Place]:
        found = kafka.topics(self._settings, self._topics).values()
        places = [Place(t.name, t.topic_id, number) for t in found for number in t.partitions]
        return sorted(filter(self._wanted, places), key=lambda p: (p.topic, p.partition))

    def _lease(self, connection: Connection, places: Sequence[Place]) -> dict[Place, _Lease]:
        statement = SQL(
            "insert into {table} as d (topic_id, topic, partition, epoch) values (%s, %s, %s, 1) "
            "on conflict (topic_id, partition) do update set epoch = d.epoch + 1 returning epoch, next_offset"
        ).format(table=self._table)
        leases = {}
        for place in places:
            row = connection.execute(statement, (place.topic_id, place.topic, place.partition)).fetchone()
            assert row is not None  # noqa: S101 - an upsert with returning gives a row
            leases[place] = _Lease(*row)
        return leases

    def _meet_ends(
        self, connection: Connection, reader: kafka.Reader, leases: Mapping[Place, _Lease]
    ) -> dict[Place, int]:
        """Where each partition ends now. Where the kept offset fits the log no more, reading goes on from its start.

        Copies that come again by it are redelivered lines of their manifests and count nothing.
        """
        ends = {}
        bounds = reader.bounds()
        for place, lease in leases.items():
            first, end = bounds[place.topic, place.partition]
            if not first <= lease.next_offset <= end:
                what = "retention took messages" if lease.next_offset < first else "the broker lost messages"
                log.warning(
                    "%s partition %d: %s before they were landed; what is missing is named and sent again by "
                    "./flyover batches resend",
                    place.topic,
                    place.partition,
                    what,
                )
                with connection.transaction():
                    self._move(connection, place, lease, first)
                lease.next_offset = first
                reader.seek(kafka.Position(place.topic, place.partition, first))
            ends[place] = end
        return ends

    def _write(
        self,
        connection: Connection,
        leases: Mapping[Place, _Lease],
        fetched: Mapping[Place, Sequence[Any]],
        report: DrainReport,
    ) -> None:
        moved = {place: records[-1].offset + 1 for place, records in fetched.items()}
        self._lander.meet(connection, fetched)
        connection.commit()
        with connection.transaction():
            whole = self._lander.land(connection, fetched)
            for place in sorted(moved, key=lambda p: (p.topic, p.partition)):
                self._move(connection, place, leases[place], moved[place])
        for place, offset in moved.items():
            leases[place].next_offset = offset
        report.rows += sum(len(records) for records in fetched.values())
        report.landed_batches.extend(whole)

    def _move(self, connection: Connection, place: Place, lease: _Lease, offset: int) -> None:
        statement = SQL(
            "update {table} set next_offset = %s, moved_at = now() "
            "where topic_id = %s and partition = %s and epoch = %s and next_offset = %s"
        ).format(table=self._table)
        done = connection.execute(statement, (offset, place.topic_id, place.partition, lease.epoch, lease.next_offset))
        if done.rowcount != 1:
            raise StaleDrain(
                f"another drain has taken over {place.topic} partition {place.partition}; nothing was written here"
            )
