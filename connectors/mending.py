"""Corrected rows on their way back: a payload someone mended, made fit to travel like any other.

A mended payload was pseudonymised before it was quarantined. Even so a person typed in it, so only landed fields pass,
and keys and references hide resident ids as they do at the edge. What is known of its person travels with it again, so
that the latest version of a record always has it beside; an identifier that was filled in takes the place of the old.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from connectors.edge import SHORT_HEX, Edged, identified, stable_key, storable, word_of
from connectors.identities import HASH_BYTES, Identities
from pipeline.contracts import Contract
from pipeline.envelope import IdStatus
from pipeline.errors import BadInput
from pipeline.settings import Secrets

_MENDED = b"mended"
"""Marks the hash of a mended row, so that whatever the agency says next differs from it: it is the agency's own word
again, wrong or right."""


@dataclass(frozen=True)
class MendedRow:
    """A quarantined row as someone corrected it."""

    record_id: str
    """of the quarantined entry; where the payload names a record by its key, the key decides"""
    data: bytes
    """payload, JSON object, by the source's names; None and what has no place in landing are left out"""
    version: int = 0
    """version of the entry that was quarantined; 0 where the record was not known"""
    person_key: str | None = None
    id_status: IdStatus | None = None
    modified_at: dt.datetime | None = None
    identifiers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    """those that were filled in, by the source's names"""


class Mender:
    """Makes mended rows of one entity fit to travel."""

    def __init__(self, contract: Contract, secrets: Secrets, identities: Identities | None = None) -> None:
        """Without ``identities`` a row is only checked: what it says of its person stays out of what comes back."""
        self._contract, self._identities = contract, identities
        self._key = stable_key(secrets)
        self._landed = tuple((f.name, word_of(f, self._key)) for f in contract.landed_fields)

    def edged(self, row: MendedRow, known: Mapping[str, str] | None = None) -> Edged:
        """The row as the outbox stages it; ``known`` is what its side-car said when it came first.

        :raises BadInput: when the payload is no JSON object, or lacks the record's key
        """
        payload = self._payload(row.data)
        data = msgspec.json.encode(payload)
        edged = Edged(
            record_id=self._record_id(row, payload, hashlib.blake2b(data, digest_size=HASH_BYTES).digest()),
            content_hash=hashlib.blake2b(data, digest_size=HASH_BYTES, person=_MENDED).digest(),
            data=data,
            modified_at=row.modified_at,
            person_key=row.person_key,
            id_status=row.id_status,
        )
        is_known = row.id_status is not None or not self._contract.bears_person
        if self._identities is None or (is_known and not row.identifiers and not known):
            return edged
        person = (row.person_key, row.id_status)
        return identified(
            edged, self._identities.mended(edged.record_id, row.identifiers, known or {}, payload, person)
        )

    def _payload(self, data: bytes) -> dict[str, Any]:
        try:
            given = msgspec.json.decode(data, type=dict[str, Any])
        except msgspec.MsgspecError:
            raise BadInput(f"a mended row of {self._contract.name} is not a JSON object") from None
        payload = {}
        for name, word in self._landed:
            value = given.get(name)
            if value is not None:
                payload[name] = word(value) if word is not None and isinstance(value, str) else value
        return payload

    def _record_id(self, row: MendedRow, payload: dict[str, Any], content_hash: bytes) -> str:
        key = [str(payload.get(f.name, "")) for f in self._contract.key_fields]
        if self._contract.identity == "occurrence":
            if row.version > 0:
                return row.record_id
            mark = hashlib.blake2b(row.record_id.encode(), digest_size=SHORT_HEX // 2).hexdigest()
            return "|".join((*key, content_hash.hex()[:SHORT_HEX], mark))
        if not all(key):
            fields = ", ".join(f.name for f in self._contract.key_fields)
            raise BadInput(f"a mended row of {self._contract.name} lacks its key ({fields})", advice="Fill it in.")
        return storable("|".join(key), self._key)
