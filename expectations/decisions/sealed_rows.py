"""Opens what the sink sealed of a row it could not type: the raw text, or the whole message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline import envelope, sealing
from pipeline.envelope import Event
from pipeline.settings import Settings


def unseal(settings: Settings, table: str, sealed: bytes) -> bytes:
    """The bytes as they came. They may name a person: log whoever looks."""
    return sealing.unseal(settings.secrets.quarantine_key, sealed, b"quarantine:" + table.encode())


def event(settings: Settings, table: str, sealed: bytes) -> Event | None:
    """The message of a row whose envelope could be read though its payload could not; None for anything else."""
    try:
        return envelope.decode(unseal(settings, table, sealed))
    except envelope.UNREADABLE:
        return None


def payload(message: Event) -> dict[str, Any] | None:
    """Fields of a message by the source's names; None where it carries none."""
    try:
        return msgspec.json.decode(message.data, type=dict[str, Any] | None)
    except envelope.UNREADABLE:
        return None


def seal_identifiers(settings: Settings, table: str, entry: int, identifiers: Mapping[str, str]) -> bytes:
    """Identifiers that were filled in for an entry, fit to wait beside it for the replay."""
    plain = msgspec.json.encode(dict(identifiers))
    return sealing.seal(settings.secrets.quarantine_key, plain, _identifiers_of(table, entry))


def identifiers(settings: Settings, table: str, entry: int, sealed: bytes | None) -> Mapping[str, str]:
    """What :func:`seal_identifiers` sealed; nothing where nothing was filled in."""
    if sealed is None:
        return {}
    plain = sealing.unseal(settings.secrets.quarantine_key, sealed, _identifiers_of(table, entry))
    return msgspec.json.decode(plain, type=dict[str, str])


def _identifiers_of(table: str, entry: int) -> bytes:
    return f"identifiers:{table}:{entry}".encode()
