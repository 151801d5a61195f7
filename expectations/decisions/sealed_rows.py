"""Opens what the sink sealed of a row it could not type: the raw text, or the whole message."""

from __future__ import annotations

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
    except msgspec.MsgspecError:
        return None


def payload(message: Event) -> dict[str, Any] | None:
    """Fields of a message by the source's names; None where it carries none."""
    try:
        return msgspec.json.decode(message.data, type=dict[str, Any] | None)
    except msgspec.MsgspecError:
        return None
