"""What the sink fetched and is no row as expected: told apart here, one record at a time, off the hot path.

A wrong value is quarantined as its contract's rule says, bytes that are no event of ours are kept sealed, and what is
about somebody erased is emptied. Whatever turns out to be a row after all is given back as one.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors import erased
from connectors.drain import Place
from connectors.landing_rows import envelope_row, id_bytes
from pipeline import envelope
from pipeline.contract_struct import event_decoder
from pipeline.contracts import Contract
from pipeline.sealing import seal

ESCAPED_NUL = rb"\u0000"
_ID_BYTES = 16
_INT32_MAX = 2**31 - 1


@dataclass
class Aside:
    """What was fetched and is no row, and how many rows there were of each batch."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    undecodable: list[dict[str, Any]] = field(default_factory=list)
    landed: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True)
class Manifest:
    """What a row needs to know of its batch."""

    agency_code: str
    batch_id: bytes


class Sorter:
    """Sorts what a lander's one question did not settle. ``known`` are batches with a manifest, by their ids' text."""

    def __init__(self, key: bytes, known: Mapping[str, Manifest]) -> None:
        self._key, self._known = key, known
        self.gone: frozenset[str] = frozenset()
        """subjects of the erased, as the lander's transaction reads them"""

    def sort(
        self, aside: Aside, contract: Contract, payload: Callable[[Any], tuple[Any, ...]], place: Place, record: Any
    ) -> tuple[Any, ...] | None:
        """The row of a record, or none, and then it is aside."""
        value = record.value or b""
        try:
            event = event_decoder(contract).decode(value)
        except envelope.UNREADABLE as error:
            self._sort_broken(aside, contract, place, record, str(error))
            return None
        if self.gone and erased.is_about(event, contract, self.gone):
            event, value = erased.blank(event, contract), b""
        if problem := self._foreign(event, contract, value):
            aside.undecodable.append(self._undecodable(place, record, problem))
        elif event.op == "rejected":
            aside.entries.append(_entry(contract, event, "parse", event.reason, event.sealed, None))
        elif ESCAPED_NUL in value:
            sealed = self._seal(value, contract)
            aside.entries.append(_entry(contract, event, "decode", "contract.nul", sealed, "a NUL character"))
        elif event.data is None and event.op == "upsert":
            sealed = self._seal(value, contract)
            aside.entries.append(_entry(contract, event, "decode", "contract.required", sealed, "no payload"))
        else:
            aside.landed[str(event.batchid)] += 1
            return (*envelope_row(event, id_bytes(event.batchid), place.partition, record.offset), *payload(event.data))
        return None

    def _sort_broken(self, aside: Aside, contract: Contract, place: Place, record: Any, error: str) -> None:
        """A message the contract's decoder refuses: a wrong value if the envelope reads, else bytes."""
        try:
            event = envelope.decode(record.value or b"")
        except envelope.UNREADABLE:
            aside.undecodable.append(self._undecodable(place, record, error))
            return
        if problem := self._foreign(event, contract, record.value):
            aside.undecodable.append(self._undecodable(place, record, problem))
            return
        if self.gone and erased.is_about(event, contract, self.gone):
            event, sealed = erased.blank(event, contract), None
        else:
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
        if ESCAPED_NUL in value and any("\x00" in (text or "") for text in _texts(event)):
            return "a NUL character in an attribute"
        return None

    def _seal(self, value: bytes, contract: Contract) -> bytes:
        return seal(self._key, value, b"quarantine:" + contract.table.encode())

    def _undecodable(self, place: Place, record: Any, error: str) -> dict[str, Any]:
        named = header_batch(record)
        batch = named and uuid.UUID(bytes=named)
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


def header_batch(record: Any) -> bytes | None:
    """The batch that a message's header names, if one does."""
    for name, value in record.headers:
        if name == envelope.BATCH_HEADER and value is not None and len(value) == _ID_BYTES:
            return bytes(value)
    return None


def _contract_rule(error: str) -> str:
    if "missing required field" in error or "got `null`" in error:
        return "contract.required"
    return "contract.length" if "of length" in error else "contract.type"


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
