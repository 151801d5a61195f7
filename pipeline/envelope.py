"""The envelope of a record on its way: CloudEvents 1.0 in structured JSON mode, one decode a message.

Attributes stand in the JSON beside ``data`` instead of in Kafka headers: reading ten headers costs kafka-python
more than decoding the whole message. One header is kept, ``batchid``, so that bytes no one can decode still
count in the books of their batch.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from typing import Literal

import msgspec

SPEC_VERSION: Literal["1.0"] = "1.0"
MAX_SUBJECT = 512 + 32
"""Characters of a record id: what the edge makes at most, and an occurrence's mark. Any index can hold them."""
BATCH_HEADER = "batchid"
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are no event of ours; a text that is not UTF-8 gives the second of them."""
_EVENT_NAMESPACE = uuid.UUID("6f0d2c5e-5b0e-5c0a-9a7e-0f1b5f9d3a11")

_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""The digit of a UUID that names its variant: its two upper bits are set to 10."""

Operation = Literal["upsert", "delete", "rejected"]
IdStatus = Literal["valid", "invalid", "missing", "other_document"]


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of one record. ``data`` is the pseudonymised payload, source-shaped, still encoded."""

    id: uuid.UUID
    source: str
    """agency code"""
    type: str
    """topic name"""
    subject: str
    """record id"""
    time: dt.datetime
    """when it was published"""
    batchid: uuid.UUID
    batchseq: int
    """ordinal in the batch's manifest, from 0: a re-sent copy has the same one"""
    version: int
    op: Operation
    data: msgspec.Raw = msgspec.Raw(b"null")
    specversion: str = SPEC_VERSION
    modified: dt.datetime | None = None
    """the producer's own time of change, for information"""
    personkey: str | None = None
    idstatus: IdStatus | None = None
    replayof: uuid.UUID | None = None
    """batch whose quarantined rows this replays"""
    reason: str | None = None
    """for op=rejected: rule id of the reader, e.g. ``reader.ragged_row``"""
    sealed: bytes | None = None
    """for op=rejected: the raw text, sealed with the quarantine key"""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Message value of an event."""
    return _encoder.encode(event)


def decode(value: bytes) -> Event:
    """Event of a message value, its ``data`` left undecoded.

    :raises: one of :data:`UNREADABLE` for bytes that are no envelope of ours
    """
    return _decoder.decode(value)


def event_id(agency_code: str, source: str, entity: str, record_id: str, version: int) -> uuid.UUID:
    """UUIDv5 of (agency, source.entity, record id, version): sending twice makes no new event."""
    return uuid.uuid5(_EVENT_NAMESPACE, "\x1f".join((agency_code, source, entity, record_id, str(version))))


def event_ids(agency_code: str, source: str, entity: str) -> Callable[[str, int], bytes]:
    """Makes :func:`event_id` of one entity's records as text, with the work done once that is the same for all."""
    named = "\x1f".join((agency_code, source, entity, "")).encode()
    begun = hashlib.sha1(_EVENT_NAMESPACE.bytes + named, usedforsecurity=False)

    def make(record_id: str, version: int) -> bytes:
        hashed = begun.copy()
        hashed.update(f"{record_id}\x1f{version}".encode())
        digits = hashed.hexdigest()
        variant = _VARIANT[digits[16]]
        return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}".encode()

    return make


def batch_id(delivery_id: uuid.UUID, entity: str) -> uuid.UUID:
    """Batch = one delivery × one entity, so its id follows from both."""
    return uuid.uuid5(delivery_id, entity)
