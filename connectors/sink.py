"""The sink: topics of records into typed landing tables, what cannot be typed into quarantine, exactly once.

Reads ``<source>.<entity>.v<n>``; writes ``landing.<table>``, ``quarantine.entry`` (stages parse and decode),
``quarantine.undecodable`` and ``quality.batch``, all in the transaction that moves the offset. A fault of our
own never lands anyone's row in quarantine: it rolls back and is tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from connectors.drain import KNEE_ROWS, DrainReport, Engine, Place
from pipeline import contracts, envelope, names
from pipeline.contract_struct import ENVELOPE_COLUMNS, event_decoder, payload_struct
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, Identifier, stage_run
from pipeline.sealing import seal
from pipeline.settings import Settings

ROLE = "flyover_sink"
_ESCAPED_NUL = rb"\u0000"
_INT32_MAX = 2**31 - 1


def drain(
    settings: Settings,
    topics: Sequence[str],
    *,
    max_rows: int = KNEE_ROWS,
    partitions: Callable[[Place], bool] = lambda place: True,
    stop: Callable[[], bool] = lambda: False,
    label: str = "all",
) -> DrainReport:
    """Land what the topics hold now. Idempotent: what has landed is not read again.

    ``label`` is the source as ``quality.stage_run`` should show it.
    """
    lander = LandingLander(settings)
    engine = Engine(settings, ROLE, ("landing", "drain"), topics, lander, max_rows=max_rows, partitions=partitions)
    with stage_run(settings, ROLE, "land", label) as outcome:
        report = engine.run(stop)
        outcome["rows"] = report.rows
    return report


def topics_of(settings: Settings, source: str) -> list[str]:
    """Topics that carry a source's entities."""
    return [contract.topic for contract in contracts.of_source(settings.contracts_dir, source)]


@dataclass
class _Sorted:
    """Fetched records, sorted by where they belong."""

    rows: dict[Contract, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    entries: list[dict[str, Any]] = field(default_factory=list)
    undecodable: list[dict[str, Any]] = field(default_factory=list)


class LandingLander:
    """Decodes records by contract and writes them where they belong."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.secrets.quarantine_key
        self._contracts = {c.topic: c for c in contracts.load_all(settings.contracts_dir).values()}
        self._known: set[uuid.UUID] = set()

    def land(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> Sequence[uuid.UUID]:
        """Write all of ``fetched``; returns the batches that are whole now."""
        self._meet_batches(connection, fetched)
        belongs = _Sorted()
        for place, records in fetched.items():
            contract = self._contracts[place.topic]
            decode = event_decoder(contract).decode
            width = len(payload_struct(contract).__struct_fields__)
            for record in records:
                self._sort(belongs, contract, decode, width, place, record)
        for contract, rows in belongs.rows.items():
            _copy(connection, contract, rows)
        landed = Counter(row[1] for rows in belongs.rows.values() for row in rows)
        landed.update(_insert_entries(connection, belongs.entries))
        landed.update(_insert_undecodable(connection, belongs.undecodable))
        return _count(connection, landed)

    def _meet_batches(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> None:
        """Learn which batches have a manifest, and open them in ``quality.batch``."""
        named = {batch for records in fetched.values() for r in records if (batch := _header_batch(r)) is not None}
        fresh = sorted(named - self._known)
        if not fresh:
            return
        connection.execute(
            "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, replay_of, "
            "received, published_at, first_landed_at) "
            "select batch_id, delivery_id, agency_code, source, entity, 'landing', replay_of, expected_rows, "
            "published_at, now() from connect.batch where batch_id = any(%s) order by batch_id "
            "on conflict (batch_id) do nothing",
            (fresh,),
        )
        found = connection.execute("select batch_id from quality.batch where batch_id = any(%s)", (fresh,))
        self._known.update(row[0] for row in found)

    def _sort(
        self,
        belongs: _Sorted,
        contract: Contract,
        decode: Callable[[bytes], Any],
        width: int,
        place: Place,
        record: Any,
    ) -> None:
        value = record.value or b""
        try:
            event = decode(value)
        except msgspec.MsgspecError as error:
            self._sort_broken(belongs, contract, place, record, str(error))
            return
        if problem := self._foreign(event, contract, value):
            belongs.undecodable.append(self._undecodable(place, record, problem))
        elif event.op == "rejected":
            belongs.entries.append(_entry(contract, event, "parse", event.reason, event.sealed, None))
        elif _ESCAPED_NUL in value:
            sealed = self._seal(value, contract)
            belongs.entries.append(_entry(contract, event, "decode", "contract.nul", sealed, "a NUL character"))
        elif event.data is None and event.op == "upsert":
            sealed = self._seal(value, contract)
            belongs.entries.append(_entry(contract, event, "decode", "contract.required", sealed, "no payload"))
        else:
            payload = (None,) * width if event.data is None else msgspec.structs.astuple(event.data)
            belongs.rows[contract].append(_envelope_row(event, place, record.offset) + payload)

    def _sort_broken(self, belongs: _Sorted, contract: Contract, place: Place, record: Any, error: str) -> None:
        """A message the contract's decoder refuses: a wrong value if the envelope reads, else bytes."""
        try:
            event = envelope.decode(record.value or b"")
        except msgspec.MsgspecError:
            belongs.undecodable.append(self._undecodable(place, record, error))
            return
        if problem := self._foreign(event, contract, record.value):
            belongs.undecodable.append(self._undecodable(place, record, problem))
            return
        sealed = self._seal(record.value, contract)
        belongs.entries.append(_entry(contract, event, "decode", _contract_rule(error), sealed, error))

    def _foreign(self, event: Any, contract: Contract, value: bytes) -> str | None:
        """What shows that our outbox did not write this event, if anything does."""
        if event.type != contract.topic:
            return f"an event of another type in topic {contract.topic}"
        if event.batchid not in self._known:
            return "no manifest names this batch"
        if not (0 <= event.batchseq <= _INT32_MAX and 0 <= event.version <= _INT32_MAX):
            return "an ordinal or a version out of range"
        if _ESCAPED_NUL in value and any("\x00" in (text or "") for text in _texts(event)):
            return "a NUL character in an attribute"
        return None

    def _seal(self, value: bytes, contract: Contract) -> bytes:
        return seal(self._key, value, b"quarantine:" + contract.table.encode())

    def _undecodable(self, place: Place, record: Any, error: str) -> dict[str, Any]:
        batch = _header_batch(record)
        value, key = record.value or b"", record.key or b""
        return {
            "topic": place.topic,
            "topic_id": place.topic_id,
            "partition": place.partition,
            "offset": record.offset,
            "batch_id": batch if batch in self._known else None,
            "fingerprint": hmac.new(self._key, key + b"\x00" + value, hashlib.sha256).digest(),
            "sealed_key": seal(self._key, key, b"quarantine:undecodable"),
            "sealed_value": seal(self._key, value, b"quarantine:undecodable"),
            "error": error,
        }


def _texts(event: Any) -> tuple[str | None, ...]:
    return event.source, event.subject, event.personkey, event.reason


def _header_batch(record: Any) -> uuid.UUID | None:
    for name, value in record.headers:
        if name == envelope.BATCH_HEADER and value is not None and len(value) == 16:
            return uuid.UUID(bytes=bytes(value))
    return None


def _contract_rule(error: str) -> str:
    if "missing required field" in error or "got `null`" in error:
        return "contract.required"
    return "contract.length" if "of length" in error else "contract.type"


def _envelope_row(event: Any, place: Place, offset: int) -> tuple[Any, ...]:
    """Values of :data:`ENVELOPE_COLUMNS`."""
    return (
        event.id,
        event.batchid,
        event.batchseq,
        event.source,
        event.subject,
        event.version,
        event.op == "delete",
        event.modified,
        event.time,
        event.personkey,
        event.idstatus,
        event.replayof,
        place.partition,
        offset,
    )


def _entry(
    contract: Contract, event: Any, stage: str, rule_id: str | None, sealed: bytes | None, detail: str | None
) -> dict[str, Any]:
    return {
        "entity_table": contract.table,
        "batch_id": event.batchid,
        "batch_seq": event.batchseq,
        "event_id": event.id,
        "agency_code": event.source,
        "record_id": event.subject,
        "version": event.version,
        "stage": stage,
        "rule_ids": [rule_id or "reader.unreadable"],
        "sealed": sealed,
        "detail": detail,
    }


def _copy(connection: Connection, contract: Contract, rows: Iterable[tuple[Any, ...]]) -> None:
    kinds = {f.column: f.pg_type for f in contract.landed_fields}
    columns = [*ENVELOPE_COLUMNS, *((name, kinds[name]) for name in payload_struct(contract).__struct_fields__)]
    statement = SQL("copy landing.{} ({}) from stdin (format binary)").format(
        Identifier(contract.table), SQL(", ").join(Identifier(name) for name, _ in columns)
    )
    with connection.cursor().copy(statement) as copy:
        copy.set_types([pg_type for _, pg_type in columns])
        for row in rows:
            copy.write_row(row)


def _insert_entries(connection: Connection, entries: Sequence[Mapping[str, Any]]) -> Counter[uuid.UUID]:
    counted: Counter[uuid.UUID] = Counter()
    for entry in entries:
        connection.execute(
            "insert into quarantine.entry (entity_table, batch_id, batch_seq, event_id, agency_code, record_id, "
            "version, stage, rule_ids, sealed, detail) values (%(entity_table)s, %(batch_id)s, %(batch_seq)s, "
            "%(event_id)s, %(agency_code)s, %(record_id)s, %(version)s, %(stage)s, %(rule_ids)s, %(sealed)s, "
            "%(detail)s) on conflict (entity_table, batch_id, batch_seq) do nothing",
            entry,
        )
        counted[entry["batch_id"]] += 1
    return counted


def _insert_undecodable(connection: Connection, found: Sequence[Mapping[str, Any]]) -> Counter[uuid.UUID]:
    """What is there already was written by a drain that has taken over; moving the offset will say so and undo this."""
    counted: Counter[uuid.UUID] = Counter()
    for bytes_ in found:
        connection.execute(
            'insert into quarantine.undecodable (topic, topic_id, partition, "offset", batch_id, fingerprint, '
            "sealed_key, sealed_value, error) values (%(topic)s, %(topic_id)s, %(partition)s, %(offset)s, "
            "%(batch_id)s, %(fingerprint)s, %(sealed_key)s, %(sealed_value)s, %(error)s) "
            'on conflict (topic_id, partition, "offset") do nothing',
            bytes_,
        )
        if bytes_["batch_id"] is not None:
            counted[bytes_["batch_id"]] += 1
    return counted


def _count(connection: Connection, landed: Mapping[uuid.UUID, int]) -> list[uuid.UUID]:
    """Add to the batches' counts, in a fixed order so that drains never wait in a ring; close whole ones."""
    whole = []
    for batch_id in sorted(landed):
        row = connection.execute(
            "update quality.batch set landed_rows = landed_rows + %s where batch_id = %s "
            "returning source, entity, status = 'landing' and landed_rows >= received, "
            "status not in ('landing', 'landed')",
            (landed[batch_id], batch_id),
        ).fetchone()
        if row is not None and row[3]:
            _hide_late_copies(connection, batch_id, row[0], row[1])
        elif row is not None and row[2] and _is_whole(connection, batch_id, row[0], row[1]):
            connection.execute(
                "update quality.batch set status = 'landed', landed_at = now() where batch_id = %s", (batch_id,)
            )
            whole.append(batch_id)
    return whole


def _hide_late_copies(connection: Connection, batch_id: uuid.UUID, source: str, entity: str) -> None:
    """Mark what landed of a batch after its judgement.

    Row ids do not tell: they are taken before the commit, so a copy that was landing while its batch was judged may
    carry a lower one than the rows that were judged.
    """
    connection.execute(
        SQL(
            "insert into landing.duplicate (row_id, batch_id, kind) "
            "select l._row_id, l._batch_id, 'redelivered' from landing.{table} as l where l._batch_id = %s "
            "and not exists (select from landing.event_seen as s where s.event_id = l._event_id "
            "and s.row_id = l._row_id) on conflict (row_id) do nothing"
        ).format(table=Identifier(names.table(source, entity))),
        (batch_id,),
    )


def _is_whole(connection: Connection, batch_id: uuid.UUID, source: str, entity: str) -> bool:
    """Whether every line of the manifest is accounted for: re-sent copies must not stand in for missing lines."""
    row = connection.execute(
        SQL(
            "select b.received <= (select count(*) from ("
            "select l._batch_seq from landing.{table} as l where l._batch_id = b.batch_id "
            "union select q.batch_seq from quarantine.{table} as q where q.batch_id = b.batch_id) as lines) "
            "+ (select count(distinct fingerprint) from quarantine.undecodable as u where u.batch_id = b.batch_id) "
            "from quality.batch as b where b.batch_id = %s"
        ).format(table=Identifier(names.table(source, entity))),
        (batch_id,),
    ).fetchone()
    return row is not None and bool(row[0])
