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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from connectors import landing
from connectors.drain import KNEE_ROWS, DrainReport, Engine, Place
from connectors.edge import MAX_RECORD_ID
from pipeline import contracts, contracts_in_force, envelope
from pipeline.contract_struct import event_decoder, payload_struct
from pipeline.contracts import Contract
from pipeline.db import Connection, connect, stage_run
from pipeline.sealing import seal
from pipeline.settings import Settings

ROLE = "flyover_sink"
_LONGEST_SUBJECT = MAX_RECORD_ID + 32
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
        self._known: dict[uuid.UUID, str] = {}
        """agency of each batch that has a manifest"""

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
            landing.copy_rows(connection, contract, rows)
        landed = Counter(row[1] for rows in belongs.rows.values() for row in rows)
        landed.update(landing.insert_entries(connection, belongs.entries))
        landed.update(landing.insert_undecodable(connection, belongs.undecodable))
        return landing.count_landed(connection, landed)

    def _meet_batches(self, connection: Connection, fetched: Mapping[Place, Sequence[Any]]) -> None:
        """Learn which batches have a manifest, and open them in ``quality.batch``."""
        named = {batch for records in fetched.values() for r in records if (batch := _header_batch(r)) is not None}
        fresh = sorted(named - self._known.keys())
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
        self._known.update(found.fetchall())

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
        except envelope.UNREADABLE as error:
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
        except envelope.UNREADABLE:
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
        if event.specversion != envelope.SPEC_VERSION:
            return "an envelope of an unknown version"
        if event.batchid not in self._known:
            return "no manifest names this batch"
        if event.source != self._known[event.batchid]:
            return "an event of another agency than its batch"
        if event.time.tzinfo is None or (event.modified is not None and event.modified.tzinfo is None):
            return "a time without a zone"
        if len(event.subject) > _LONGEST_SUBJECT:
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
