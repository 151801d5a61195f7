"""The real pipeline as a System: outbox, producer, sink and judge on PostgreSQL and Kafka.

Only the broker's freedom is played: the producer's messages are caught, and `land` sends them in the order, and as
often, as the specification asks. Every system has agencies of its own, so many can follow each other in one database.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from connectors import outbox, producer, sink
from connectors.outbox import Arrival
from connectors.registry import Agency
from connectors.sources.base import Rejected, Table
from connectors.sources.base import Row as SourceRow
from expectations.decisions import batches, quarantine
from expectations.decisions.people import Actor
from expectations.decisions.quarantine import Decided, Selection
from expectations.judging import judge
from pipeline import envelope, kafka, names
from pipeline.db import SQL, Identifier, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings

from .real_source import SOURCE
from .system import (
    Batch,
    Books,
    Content,
    EntryKey,
    EntryStatus,
    Flaw,
    Manifest,
    Mode,
    NotAllowedError,
    Pulled,
    Record,
    ReleasedRow,
    Row,
    Unreadable,
    Version,
)

WHO = {"reason": "specification", "actor": Actor("officer")}
_runs = itertools.count(1)
Message = tuple[str, bytes, bytes, Any]


class RealSystem:
    def __init__(self, settings: Settings, suites: Path, entities: Sequence[str]) -> None:
        self.settings, self.suites, self.entities = settings, suites, entities
        self.suffix = f"run-{next(_runs)}"
        self.deliveries: dict[uuid.UUID, str] = {}
        self.messages: dict[Batch, list[Message]] = {}
        self.published: dict[uuid.UUID, Version] = {}

    # the edge and the outbox -------------------------------------------------------------------------------------

    def pull(self, delivery: str, agency: str, mode: Mode, tables: Mapping[str, Sequence[Row]]) -> Pulled:
        code = f"{agency}-{self.suffix}"
        known = Agency(code, code, code, "school", SOURCE, "simulated", "bulk", "Asia/Shanghai", "tests")
        arrival = Arrival(uuid.uuid4(), code, SOURCE, mode, delivery, None, dt.datetime.now(dt.UTC))
        given = [Table(entity, mode, lambda rows=rows: _as_read(rows)) for entity, rows in tables.items()]
        staged = outbox.stage(self.settings, known, arrival, given)
        self._publish(delivery, staged.delivery_id)
        batches = {b.entity: Manifest(b.expected_rows, b.unchanged_rows, b.deletes_held) for b in staged.batches}
        return Pulled(batches, staged.read_rows, staged.unchanged_rows)

    def _publish(self, delivery: str, delivery_id: uuid.UUID) -> None:
        self.deliveries[delivery_id] = delivery
        caught: list[Message] = []
        with mock.patch.object(kafka, "publisher", return_value=_Catcher(caught)):
            producer.publish(self.settings, source=SOURCE)
        for message in caught:
            event = envelope.decode(message[2])
            entity = event.type.split(".")[1]
            lines = self.messages.setdefault(Batch(delivery, entity), [])
            assert event.batchseq == len(lines)
            lines.append(message)
            if event.op != "rejected":
                self.published[event.id] = Version(self._record(event.source, entity, event.subject), event.version)

    # landing and judging -----------------------------------------------------------------------------------------

    def land(self, lines: Sequence[tuple[Batch, int]]) -> None:
        with kafka.Publisher(self.settings) as publisher:
            for batch, seq in lines:
                publisher.send(*self.messages[batch][seq])
            publisher.flush()
        sink.drain(self.settings, sink.topics_of(self.settings, SOURCE))

    def judge(self) -> set[str]:
        verdicts = judge.judge_ready(self.settings, SOURCE, suites_dir=self.suites)
        return {self._batch(verdict.batch_id).delivery for verdict in verdicts}

    # the quality officer -----------------------------------------------------------------------------------------

    def mend(self, entry: EntryKey, record_id: str, content: Content) -> None:
        corrected = {"id": record_id, **payload(content)}
        self._decide(entry, lambda number: quarantine.mend(self.settings, number, corrected, **WHO))

    def waive(self, entry: EntryKey) -> None:
        until = dt.date.today() + dt.timedelta(days=30)  # noqa: DTZ011 - any day to come
        self._decide(entry, lambda number: quarantine.waive(self.settings, _only(number), expires_on=until, **WHO))

    def expire(self, entry: EntryKey) -> None:
        number, status = self._entries()[entry]
        if status != "waived":
            raise NotAllowedError(f"the row is {status}")
        with connect(self.settings, "flyover_judge") as connection:
            connection.execute(
                "update quarantine.entry set waiver_expires_on = current_date - 3 where quarantine_id = %s", (number,)
            )
        quarantine.lapse_waivers(self.settings, dt.datetime.now(dt.UTC).date())

    def return_(self, entry: EntryKey) -> None:
        self._decide(entry, lambda number: quarantine.return_(self.settings, _only(number), **WHO))

    def refuse(self, entry: EntryKey) -> None:
        self._decide(entry, lambda number: quarantine.refuse(self.settings, _only(number), **WHO))

    def replay(self, delivery: str, original: Batch) -> int:
        with _refusal():
            staged = quarantine.replay(self.settings, self._batch_id(original), **WHO)
        self._publish(delivery, staged.delivery.delivery_id)
        return staged.rows

    def release_held(self, batch: Batch) -> None:
        with _refusal():
            batches.release(self.settings, self._batch_id(batch), **WHO)

    def refuse_held(self, batch: Batch) -> None:
        with _refusal():
            batches.refuse(self.settings, self._batch_id(batch), **WHO)

    def withdraw(self, batch: Batch) -> None:
        with _refusal():
            batches.withdraw(self.settings, self._batch_id(batch), **WHO)

    def _decide(self, entry: EntryKey, decision: Callable[[int], object]) -> None:
        number, _ = self._entries()[entry]
        with _refusal():
            outcome = decision(number)
            if isinstance(outcome, Decided) and not outcome.decided:
                raise BadInput(outcome.left[0][1])

    # what people see ---------------------------------------------------------------------------------------------

    def books(self) -> dict[Batch, Books]:
        found = self._ask(
            "select c.batch_id, coalesce(b.status, 'landing'), c.expected_rows, coalesce(b.released, 0), "
            "coalesce(b.quarantined, 0), coalesce(b.duplicate, 0), coalesce(b.refused, 0), coalesce(b.held, 0) "
            "from connect.batch as c left join quality.batch as b on c.batch_id = b.batch_id "
            "where c.delivery_id = any(%s)",
            list(self.deliveries),
        )
        return {self._batch(batch_id): Books(*books) for batch_id, *books in found}

    def latest(self) -> dict[Record, Content]:
        last: dict[Record, ReleasedRow] = {}
        for row in self.released_rows():
            if row.record not in last or row.version > last[row.record].version:
                last[row.record] = row
        return {record: row.content for record, row in last.items() if row.content is not None}

    def released_rows(self) -> Counter[ReleasedRow]:
        return Counter(row for entity in self.entities for row in self._released(entity))

    def _released(self, entity: str) -> Iterator[ReleasedRow]:
        query = SQL(
            "select _agency_code, _record_id, _version, _is_deleted, value, flaw, _batch_id from released.{} "
            "where _agency_code like %s"
        ).format(Identifier(names.table(SOURCE, entity)))
        for agency, record_id, version, is_deleted, value, flaw, batch_id in self._ask(query, f"%-{self.suffix}"):
            content = None if is_deleted else Content(int(value), Flaw(flaw))
            yield ReleasedRow(self._record(agency, entity, record_id), version, content, self._batch(batch_id))

    def versions(self) -> dict[uuid.UUID, Version]:
        return dict(self.published)

    def entries(self) -> dict[EntryKey, EntryStatus]:
        return {key: status for key, (_, status) in self._entries().items()}

    def _entries(self) -> dict[EntryKey, tuple[int, EntryStatus]]:
        """(number, status) of rows in quarantine whose batch was judged."""
        found = self._ask(
            "select q.batch_id, q.stage, q.record_id, q.version, q.quarantine_id, q.status, "
            "row_number() over (partition by q.batch_id, q.stage order by q.batch_seq) from quarantine.entry as q "
            "inner join quality.batch as b on b.batch_id = q.batch_id and b.status in ('held', 'released', 'refused') "
            "where b.delivery_id = any(%s)",
            list(self.deliveries),
        )
        return {
            EntryKey(self._batch(batch_id), f"{record_id}@{version}" if stage == "rule" else f"rejected#{nth}"): (
                number,
                status,
            )
            for batch_id, stage, record_id, version, number, status, nth in found
        }

    # helpers -----------------------------------------------------------------------------------------------------

    def _ask(self, query: str | SQL, *parameters: object) -> list[tuple[Any, ...]]:
        with connect(self.settings, "engineer") as connection:
            return connection.execute(query, parameters).fetchall()

    def _record(self, agency: str, entity: str, record_id: str) -> Record:
        return Record(agency.removesuffix(f"-{self.suffix}"), entity, record_id)

    def _batch(self, batch_id: uuid.UUID) -> Batch:
        for delivery_id, delivery in self.deliveries.items():
            for entity in self.entities:
                if envelope.batch_id(delivery_id, entity) == batch_id:
                    return Batch(delivery, entity)
        raise AssertionError(f"a batch of no delivery: {batch_id}")

    def _batch_id(self, batch: Batch) -> uuid.UUID:
        (delivery_id,) = (key for key, name in self.deliveries.items() if name == batch.delivery)
        return envelope.batch_id(delivery_id, batch.entity)


def _only(number: int) -> Selection:
    return Selection(entries=(number,))


class _Catcher:
    """Stands where the producer's Kafka client stands, and keeps what it is given."""

    def __init__(self, caught: list[Message]) -> None:
        self.caught = caught

    def __enter__(self) -> _Catcher:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, topic: str, key: bytes, value: bytes, headers: Iterable[tuple[str, bytes]] = ()) -> None:
        self.caught.append((topic, key, value, list(headers)))

    def flush(self) -> None:
        pass


@contextmanager
def _refusal() -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        raise NotAllowedError(str(error)) from error


def _as_read(rows: Sequence[Row]) -> Iterator[SourceRow | Rejected]:
    for line, row in enumerate(rows, 1):
        if isinstance(row, Unreadable):
            yield Rejected(line, "a,torn", "reader.ragged_row", row.record_id)
        elif row.content is None:
            yield SourceRow(line, {"id": row.record_id, "value": None, "flaw": None}, deleted=True)
        else:
            yield SourceRow(line, {"id": row.record_id, **payload(row.content)})


def payload(content: Content) -> dict[str, str | None]:
    return {"value": str(content.value), "flaw": str(content.flaw)}
