"""Who a row is about, as it may travel: the key of the person, and a sealed side-car with what linkage needs.

Made at the edge from what an agency delivers, and again from what it fills in when it mends a row.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from pipeline import sealing
from pipeline.contracts import Contract
from pipeline.envelope import IdStatus
from pipeline.pseudonyms import check_resident_id, person_key
from pipeline.settings import Secrets

TRANSIT_CONTEXT = b"transit"
HASH_BYTES = 16


class Identity(NamedTuple):
    """What a row says about its person; nothing of it in the clear."""

    person_key: str | None
    id_status: IdStatus | None
    sealed: bytes | None
    """side-car, sealed with the delivery's own key"""
    identity_hash: bytes
    subject: str | None
    """whose data key the side-car belongs to"""


class Identities:
    """Makes the identities of one entity of one agency; holds keys, so it has no telling representation."""

    def __init__(
        self, contract: Contract, agency_code: str, secrets: Secrets, key: bytes, today: dt.date, transit_key: bytes
    ) -> None:
        """``key`` is the one that outlives rotations (:func:`connectors.edge.stable_key`)."""
        self._prefix = f"{agency_code}:{contract.name}"
        self._hmac_keys, self._hmac_active = dict(secrets.hmac_keys), secrets.hmac_active
        self._key, self._today, self._transit_key = key, today, transit_key
        self._id_field = next((f.name for f in contract.fields if f.identifier == "resident_id"), None)
        self._identifiers = _identity_names(contract)
        self._linkage = tuple((f.linkage, f.name) for f in contract.fields if f.linkage)

    def of(self, record_id: str, values: Mapping[str, str | None]) -> Identity:
        """Identity of a delivered row, by the contract's names."""
        identity = _filled(self._identifiers, values)
        status: IdStatus | None = None
        key: str | None = None
        if self._id_field is not None:
            checked = check_resident_id(values.get(self._id_field), self._today)
            status = checked.status
            if checked.number is not None:
                key = person_key(checked.number, self._hmac_keys, self._hmac_active)
                identity["resident_id"] = checked.number
        return self._sealed(record_id, identity, values, key, status)

    def mended(
        self,
        record_id: str,
        filled: Mapping[str, str],
        known: Mapping[str, str],
        payload: Mapping[str, str | None],
        person: tuple[str | None, IdStatus | None],
    ) -> Identity:
        """Identity of a mended row: what was filled in, else what was known.

        ``filled`` and ``payload`` go by the contract's names, ``known`` is the side-car that came with the row at
        first. Where no resident id is filled in, ``person`` (its key and what was found about it) stays as it is.
        """
        fields = dict(self._identifiers)
        before = {fields[name]: value for name, value in known.items() if name in fields}
        if self._id_field is not None and (filled.get(self._id_field) or person == (None, None)):
            return self.of(record_id, {**payload, **before, **filled})
        identity = _filled(self._identifiers, {**before, **filled})
        return self._sealed(record_id, identity, payload, *person)

    def opened(self, sealed: bytes, data_key: bytes, context: bytes) -> Mapping[str, str]:
        """What a person's side-car says, by the names that :meth:`mended` takes.

        :raises SealBroken: when it does not open with this key
        """
        return msgspec.json.decode(sealing.unseal(data_key, sealed, context), type=dict[str, str])

    def _sealed(
        self,
        record_id: str,
        identity: Mapping[str, str],
        values: Mapping[str, str | None],
        key: str | None,
        status: IdStatus | None,
    ) -> Identity:
        if not identity:
            return Identity(key, status, None, keyed_hash(self._key, (status or "").encode(), b"identity"), None)
        plain = msgspec.json.encode({**identity, **_filled(self._linkage, values)})
        return Identity(
            person_key=key,
            id_status=status,
            sealed=sealing.seal(self._transit_key, plain, TRANSIT_CONTEXT),
            identity_hash=keyed_hash(self._key, f"{status}|".encode() + plain, b"identity"),
            subject=key or f"{self._prefix}:{record_id}",
        )


def keyed_hash(key: bytes, message: bytes, purpose: bytes) -> bytes:
    """Hash of something that could be guessed, for one purpose."""
    purpose_key = hashlib.blake2b(key, person=purpose, digest_size=32).digest()
    return hashlib.blake2b(message, key=purpose_key, digest_size=HASH_BYTES).digest()


def _identity_names(contract: Contract) -> tuple[tuple[str, str], ...]:
    """(name in the side-car, field): the kind of identifier, made distinct where several fields are of one kind."""
    kinds = [f.identifier for f in contract.identifier_fields]
    return tuple(
        (str(f.identifier) if kinds.count(f.identifier) == 1 else f"{f.identifier}.{f.name}", f.name)
        for f in contract.identifier_fields
    )


def _filled(wanted: Sequence[tuple[str | None, str]], values: Mapping[str, str | None]) -> dict[str, str]:
    filled = {}
    for name, field in wanted:
        value = unicodedata.normalize("NFC", (values.get(field) or "").strip())
        if name and value:
            filled[name] = value
    return filled
