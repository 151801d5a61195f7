"""The edge: what a record becomes before it may leave the agency's side.

Identifier fields leave the payload. The resident id is checked and turned into ``person_key``; what linkage needs
travels beside the record, sealed (the identity side-car). Record ids and references that contain a resident id
(学籍号) are keyed-hashed, the same word in every table. What is left, the payload, is JSON of the landed fields by
the source's own names, trimmed, NFC, None left out.

**Two hashes decide about versions** (:mod:`connectors.outbox`), because two things can change:

``content_hash``
    covers the payload alone, so without ``person_key`` and ``id_status``.
``identity_hash``
    covers ``id_status`` and everything in the side-car, the resident id included. A corrected or newly supplied id
    changes what landing and core must know (``_person_key``, ``_id_status``) and what the vault must hold, while the
    payload stays the same: it raises a version too, and the record is published again with its new key. The hash is
    keyed (identities are guessable) with the first HMAC key, not the active one: a rotation of keys alone must not
    send every person again; old and new keys meet in ``vault.person_alias``. Record ids are hashed with that first
    key for the same reason.

No value of a row is ever part of an exception or a log line here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from connectors.identities import HASH_BYTES, Identities, Identity, keyed_hash
from connectors.registry import Agency
from connectors.sources.base import Rejected, Row
from pipeline import sealing
from pipeline.contracts import Contract, Field
from pipeline.envelope import IdStatus
from pipeline.pseudonyms import check_resident_id, pseudonym, safe_record_id
from pipeline.settings import Secrets

OVERSIZED, BAD_TEXT = "reader.oversized_row", "reader.bad_encoding"
MAX_DATA_BYTES = 1024 * 1024
"""Above this a row is rejected: one message must stay well under what the broker takes."""
MAX_RAW_CHARACTERS = 64 * 1024
MAX_RECORD_ID = 512
"""Longer record ids travel hashed: they must fit an index entry."""

SHORT_HEX = 12
_DELETED = b""
_ID_IN_BYTES = re.compile(rb"(?<!\d)\d{17}[\dXx](?![\dXx])")
_ID_IN_TEXT = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")


class Edged(NamedTuple):
    """One row, fit to travel. Holds no personal value in the clear but those the contract lets into the payload."""

    record_id: str
    """for recordIdentity ``occurrence``: still without the occurrence number, which the outbox counts"""
    content_hash: bytes
    data: bytes | None
    is_deleted: bool = False
    modified_at: dt.datetime | None = None
    person_key: str | None = None
    id_status: IdStatus | None = None
    identity: bytes | None = None
    """side-car, sealed with the delivery's own key; the outbox seals it anew with the person's"""
    identity_hash: bytes | None = None
    subject: str | None = None
    """whose data key the side-car belongs to"""
    reason: str | None = None
    """rule id, for a row the reader rejected"""
    sealed: bytes | None = None
    """its raw text, sealed with the quarantine key"""
    line: int | None = None
    part: str | None = None
    field: str | None = None
    """where the sender finds it: line, the file or sheet the line is counted in, property at fault of a rejected row"""
    is_keyless: bool = False
    """no readable key: which record this row was cannot be known"""


class Edge:
    """Pseudonymises the rows of one entity of one agency; holds keys, so it has no telling representation."""

    def __init__(
        self, contract: Contract, agency: Agency, secrets: Secrets, today: dt.date, transit_key: bytes
    ) -> None:
        self._contract, self._agency_code = contract, agency.agency_code
        self._quarantine_key = secrets.quarantine_key
        self._today = today
        self._zone = zoneinfo.ZoneInfo(agency.time_zone)
        self._stable_key = stable_key(secrets)
        self._landed = tuple((f.name, word_of(f, self._stable_key)) for f in contract.landed_fields)
        self._keys = tuple(f.name for f in contract.key_fields)
        self._by_occurrence = contract.identity == "occurrence"
        self._identities = (
            Identities(contract, agency.agency_code, secrets, self._stable_key, today, transit_key)
            if contract.identifier_fields
            else None
        )

    def row(self, row: Row) -> Edged:
        """Edge of a row; one that cannot travel (too large, text that is none) comes back rejected."""
        try:
            return self._edge(row)._replace(line=row.line, part=self._shown(row.part))
        except UnicodeEncodeError:
            raw = "\x1f".join(value or "" for value in row.values.values())
            return self.rejected(Rejected(row.line, raw, BAD_TEXT, None, part=row.part))

    def rejected(self, rejected: Rejected) -> Edged:
        """Edge of a row the reader could not parse: its raw text sealed, its key as far as it could be read."""
        raw = rejected.raw[:MAX_RAW_CHARACTERS].encode("utf-8", "replace")
        mark = keyed_hash(self._stable_key, raw, b"rejected").hex()[:SHORT_HEX]
        hint = self._hinted_record_id(rejected.record_hint)
        return Edged(
            record_id=hint or f"rejected|{rejected.line}|{mark}",
            content_hash=b"",
            data=None,
            reason=rejected.rule_id,
            sealed=sealing.seal(self._quarantine_key, raw, quarantine_context(self._contract)),
            line=rejected.line,
            part=self._shown(rejected.part),
            field=rejected.field,
            is_keyless=hint is None,
        )

    def _shown(self, part: str | None) -> str | None:
        return None if part is None else safe_record_id(part, self._stable_key)

    def _edge(self, row: Row) -> Edged:
        payload = self._payload(row.values)
        if row.deleted:
            record_id, keyless = self._record_id(payload, _DELETED)
            return Edged(record_id, _DELETED, None, True, self._instant(row.modified_at), is_keyless=keyless)
        data = msgspec.json.encode(payload)
        if _ID_IN_BYTES.search(data):
            data = msgspec.json.encode(self._without_stray_ids(payload))
        content_hash = hashlib.blake2b(data, digest_size=HASH_BYTES).digest()
        record_id, keyless = self._record_id(payload, content_hash)
        if len(data) > MAX_DATA_BYTES:
            raw = data[:MAX_RAW_CHARACTERS].decode("utf-8", "replace")
            return self.rejected(Rejected(row.line, raw, OVERSIZED, None if keyless else record_id))
        edged = Edged(record_id, content_hash, data, False, self._instant(row.modified_at), is_keyless=keyless)
        if self._identities is None:
            return edged
        return identified(edged, self._identities.of(record_id, row.values))

    def _payload(self, values: dict[str, str | None]) -> dict[str, str]:
        payload = {}
        for name, word in self._landed:
            value = values.get(name)
            if value is None:
                continue
            value = value.strip()
            if not value.isascii():
                value = unicodedata.normalize("NFC", value)
            if value:
                payload[name] = value if word is None else word(value)
        return payload

    def _record_id(self, payload: dict[str, str], content_hash: bytes) -> tuple[str, bool]:
        """(record id, whether the row has none of its own)."""
        parts = [payload.get(name, "") for name in self._keys]
        if self._by_occurrence:
            parts.append(content_hash.hex()[:SHORT_HEX])
        elif not all(parts):
            return f"keyless|{content_hash.hex()[:SHORT_HEX]}", True
        return storable("|".join(parts), self._stable_key), False

    def _hinted_record_id(self, hint: str | None) -> str | None:
        """Record id of a rejected row, made as for a whole one. An occurrence's cannot be told from its key."""
        text = unicodedata.normalize("NFC", (hint or "").strip())
        if not text or self._by_occurrence:
            return None
        parts = [text] if len(self._keys) == 1 else text.split("|")
        return storable("|".join(safe_record_id(part.strip(), self._stable_key) for part in parts), self._stable_key)

    def _without_stray_ids(self, payload: dict[str, str]) -> dict[str, str]:
        """A resident id in a column that should not hold one is hashed; numbers that only look like one stay."""
        return {name: self._hide_resident_id(value) for name, value in payload.items()}

    def _hide_resident_id(self, value: str) -> str:
        for number in _ID_IN_TEXT.findall(value):
            if check_resident_id(number, self._today).status == "valid":
                return safe_record_id(value, self._stable_key)
        return value

    def _instant(self, text: str | None) -> dt.datetime | None:
        """The producer's own time, for information: what cannot be read is left out."""
        if text is None:
            return None
        try:
            instant = dt.datetime.fromisoformat(text.strip())
            return (instant if instant.tzinfo else instant.replace(tzinfo=self._zone)).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            return None


def identified(edged: Edged, who: Identity) -> Edged:
    """The row with its person."""
    return edged._replace(
        person_key=who.person_key,
        id_status=who.id_status,
        identity=who.sealed,
        identity_hash=who.identity_hash,
        subject=who.subject,
    )


def stable_key(secrets: Secrets) -> bytes:
    """The first of the HMAC keys: record ids and identity hashes must outlive a rotation."""
    return secrets.hmac_keys[min(secrets.hmac_keys, key=lambda version: (len(version), version))]


def storable(record_id: str, key: bytes) -> str:
    """Record id as tables can hold it: no NUL, and short enough for an index entry."""
    if "\x00" in record_id:
        record_id = record_id.replace("\x00", "\ufffd")
    if len(record_id) > MAX_RECORD_ID:
        return "long|" + keyed_hash(key, record_id.encode(), b"long").hex()
    return record_id


def quarantine_context(contract: Contract) -> bytes:
    """What the raw text of a rejected row is bound to."""
    return f"quarantine:{contract.table}".encode()


def word_of(field: Field, key: bytes) -> Callable[[str], str] | None:
    """How a field's value may travel.

    Keys and references hide resident ids, item by item where they list several; what names someone is hashed whole.
    """
    if field.pseudonym:
        return lambda value: pseudonym(value, key)
    if field.reference is None and field.key_position is None:
        return None

    def word(value: str) -> str:
        hidden = safe_record_id(value, key)
        if hidden == value or field.reference is None or "," not in value:
            return hidden
        return ",".join(safe_record_id(item.strip(), key) for item in value.split(","))

    return word
