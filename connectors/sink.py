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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors import landing
from connectors.drain import KNEE_ROWS, DrainReport, Engine, Place
from connectors.landing_rows import id_bytes, microseconds, payload_maker
from pipeline import contracts, contracts_in_force, envelope
from pipeline.contract_struct import event_decoder, expected_decoder
from pipeline.contracts import Contract
from pipeline.db import Connection, connect, stage_run
from pipeline.sealing import seal
from pipeline.settings import Settings

ROLE = "flyover_sink"
_ESCAPED_NUL = rb"\u0000"
_INT32_MAX = 2**31 - 1
_ID_BYTES = 16
_Fetched = list[tuple[Place, Sequence[Any]]]


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
    """Topics that carry a source's entities, but for those whose contract was changed so that their feed is stopped.

    What lies in those stays there: read by another contract than it was written by, it would look like bad data.
    """
    stopped = stopped_feeds(settings)
    owned = contracts.of_source(settings.contracts_dir, source)
    return [contract.topic for contract in owned if (contract.source, contract.entity) not in stopped]


def stopped_feeds(settings: Settings) -> contracts_in_force.Stopped:
    """Feeds whose contract was changed so that they stand still, and why."""
    with connect(settings, ROLE) as connection:
        return contracts_in_force.stopped(connection)


@dataclass
class _Aside:
    """What was fetched and is no row, and how many rows there were of each batch."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    undecodable: list[dict[str, Any]] = field(default_factory=list)
    landed: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True)
class _Manifest:
    """What a row needs to know of its batch."""

    agency_code: str
    batch_id: bytes


class LandingLander:
    """Decodes records by contract and writes them where they belong."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.secrets.quarantine_key
        self._contracts = {c.topic: c for c in contracts.load_all(settings.contracts_dir).values()}
        self._known: dict[str, _Manifest] = {}
        """batches that have a manifest, by their ids as messages have them"""
        self._met: set[bytes] = set()
        """the same as headers have them"""

    def forget(self) -> None:
        """Batches are opened in a transaction that may have been undone."""
        self._known.clear()
        self._met.clear()

    def land(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> Sequence[uuid.UUID]:
        """Write all of ``fetched``; returns the batches that are whole now."""
        self._meet_batches(connection, fetched)
        aside = _Aside()
        for contract, places in self._by_contract(fetched).items():
            landing.copy_rows(connection, contract, self._rows(aside, contract, places))
        landed = Counter({uuid.UUID(batch): count for batch, count in aside.landed.items()})
        landed.update(landing.insert_entries(connection, aside.entries))
        landed.update(landing.insert_undecodable(connection, aside.undecodable))
        return landing.count_landed(connection, landed)

    def _by_contract(self, fetched: Mapping[Place, Sequence[Any]]) -> Mapping[Contract, _Fetched]:
        grouped: dict[Contract, _Fetched] = defaultdict(list)
        for place, records in fetched.items():
            grouped[self._contracts[place.topic]].append((place, records))
        return grouped

    def _meet_batches(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> None:
        """Learn which batches have a manifest, and open them in ``quality.batch``."""
        named = {
            value
            for records in fetched.values()
            for record in records
            for name, value in record.headers
            if name == envelope.BATCH_HEADER and value is not None and len(value) == _ID_BYTES
        }
        fresh = sorted({uuid.UUID(bytes=bytes(value)) for value in named - self._met})
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
        found = connection.execute("select batch_id, agency_code from quality.batch where batch_id = any(%s)", (fresh,))
        for batch_id, agency_code in found:
            self._known[str(batch_id)] = _Manifest(agency_code, batch_id.bytes)
            self._met.add(batch_id.bytes)

    def _rows(self, aside: _Aside, contract: Contract, fetched: _Fetched) -> Iterator[tuple[Any, ...]]:
        """Rows of the records that land, made one by one; everything else goes aside.

        This is the hot path: it asks once whether a record is as we expect it, and lets :meth:`_sort` find out about
        every other.
        """
        decode, payload = expected_decoder(contract).decode, payload_maker(contract)
        known, landed = self._known.get, aside.landed
        for place, records in fetched:
            partition = place.partition
            for record in records:
                value = record.value or b""
                try:
                    event = decode(value)
                except envelope.UNREADABLE:
                    event = None
                if (
                    event is None
                    or (batch := known(event.batchid)) is None
                    or batch.agency_code != event.source
                    or (event.data is None and event.op != "delete")
                    or (b"\\" in value and _ESCAPED_NUL in value)  # the first alone is found in no time
                ):
                    if (row := self._sort(aside, contract, payload, place, record)) is not None:
                        yield row
                    continue
                landed[event.batchid] += 1
                yield (
                    id_bytes(event.id),
                    batch.batch_id,
                    event.batchseq,
                    event.source,
                    event.subject,
                    event.version,
                    event.op == "delete",
                    event.modified and microseconds(event.modified),
                    microseconds(event.time),
                    event.personkey,
                    event.idstatus,
                    event.replayof and id_bytes(event.replayof),
                    partition,
                    record.offset,
                    *payload(event.data),
                )

    def _sort(
        self, aside: _Aside, contract: Contract, payload: Callable[[Any], tuple[Any, ...]], place: Place, record: Any
    ) -> tuple[Any, ...] | None:
        """The row of a record, or none, and then it is aside."""
        value = record.value or b""
        try:
            event = event_decoder(contract).decode(value)
        except envelope.UNREADABLE as error:
            self._sort_broken(aside, contract, place, record, str(error))
            return None
        if problem := self._foreign(event, contract, value):
            aside.undecodable.append(self._undecodable(place, record, problem))
        elif event.op == "rejected":
            aside.entries.append(_entry(contract, event, "parse", event.reason, event.sealed, None))
        elif _ESCAPED_NUL in value:
            sealed = self._seal(value, contract)
            aside.entries.append(_entry(contract, event, "decode", "contract.nul", sealed, "a NUL character"))
        elif event.data is None and event.op == "upsert":
            sealed = self._seal(value, contract)
            aside.entries.append(_entry(contract, event, "decode", "contract.required", sealed, "no payload"))
        else:
            aside.landed[str(event.batchid)] += 1
            return (*_envelope_row(event, place, record.offset), *payload(event.data))
        return None

    def _sort_broken(self, aside: _Aside, contract: Contract, place: Place, record: Any, error: str) -> None:
        """A message the contract's decoder refuses: a wrong value if the envelope reads, else bytes."""
        try:
            event = envelope.decode(record.value or b"")
        except envelope.UNREADABLE:
            aside.undecodable.append(self._undecodable(place, record, error))
            return
        if problem := self._foreign(event, contract, record.value):
            aside.undecodable.append(self._undecodable(place, record, problem))
            return
        sealed = self._seal(record.value, contract)
        aside.entries.append(_entry(contract, event, "decode", _contract_rule(error), sealed, error))

    def _foreign(self, event: Any, contract: Contract, value: bytes) -> str | None:
        """What shows that our outbox did not write this event, if anything does."""
        if event.type != contract.topic:
            return f"an event of another type in topic {contract.topic}"
        if event.specversion != envelope.SPEC_VERSION:
            return "an envelope of an unknown version"
        if (batch := self._known.get(str(event.batchid))) is None:
            return "no manifest names this batch"
        if event.source != batch.agency_code:
            return "an event of another agency than its batch"
        if event.time.tzinfo is None or (event.modified is not None and event.modified.tzinfo is None):
            return "a time without a zone"
        if len(event.subject) > envelope.MAX_SUBJECT:
            return "a record id too long for any index"
        if event.op == "rejected" and not event.reason:
            return "a rejected row with no reason"
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
            "batch_id": batch if str(batch) in self._known else None,
            "fingerprint": hmac.new(self._key, key + b"\x00" + value, hashlib.sha256).digest(),
            "sealed_key": seal(self._key, key, b"quarantine:undecodable"),
            "sealed_value": seal(self._key, value, b"quarantine:undecodable"),
            "error": error,
        }


def _texts(event: Any) -> tuple[str | None, ...]:
    return event.source, event.subject, event.personkey, event.reason


def _header_batch(record: Any) -> uuid.UUID | None:
    for name, value in record.headers:
        if name == envelope.BATCH_HEADER and value is not None and len(value) == _ID_BYTES:
            return uuid.UUID(bytes=bytes(value))
    return None


def _contract_rule(error: str) -> str:
    if "missing required field" in error or "got `null`" in error:
        return "contract.required"
    return "contract.length" if "of length" in error else "contract.type"


def _envelope_row(event: Any, place: Place, offset: int) -> tuple[Any, ...]:
    """Values of :data:`ENVELOPE_COLUMNS`, as COPY takes them."""
    return (
        id_bytes(event.id),
        id_bytes(event.batchid),
        event.batchseq,
        event.source,
        event.subject,
        event.version,
        event.op == "delete",
        event.modified and microseconds(event.modified),
        microseconds(event.time),
        event.personkey,
        event.idstatus,
        event.replayof and id_bytes(event.replayof),
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
