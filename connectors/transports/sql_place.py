"""How far an agency's tables have been read: the cursor of the SQL transport, as text.

What a person may need to see stands in it in words: the time up to which each table is known, the day of its last
comparison, its columns. The place inside a table at which a pull was cut is sealed: keys may contain resident ids.
"""

from __future__ import annotations

import base64
import hashlib

import msgspec

from pipeline import sealing
from pipeline.errors import ConfigurationError

_CONTEXT = b"cursor:sql"


class Begun(msgspec.Struct, frozen=True):
    """A pass through a table that is not at its end yet."""

    phase: str
    high: str | None
    """up to when the table is known once the pass is at its end: as it stood when the pass began"""
    at: list[str] | None = None
    """order values of the last row read"""


class Place(msgspec.Struct, frozen=True):
    """How far one table has been read."""

    high: str | None = None
    """latest time of change seen, as the database writes it; what lies further back than the overlap is known"""
    compared_at: str | None = None
    """when all its keys were last compared with ours (or first read)"""
    columns: list[str] = []
    """properties that it had a column for"""
    begun: Begun | None = None
    echo: str | None = None
    """keyed mark of what the last pass read, where that was one page: a pass that reads it again has nothing new"""


class _Sealed(msgspec.Struct, frozen=True):
    phase: str
    high: str | None
    at: str | None = None


class _Place(msgspec.Struct, frozen=True, omit_defaults=True):
    high: str | None = None
    compared_at: str | None = None
    columns: list[str] = []
    begun: _Sealed | None = None
    echo: str | None = None


def written(places: dict[str, Place], key: bytes) -> str:
    """The cursor's text."""
    shown = {
        entity: _Place(place.high, place.compared_at, place.columns, _sealed(place.begun, key), place.echo)
        for entity, place in places.items()
    }
    return msgspec.json.encode(shown).decode()


def read(cursor: str | None, key: bytes) -> dict[str, Place]:
    """Places by entity, from the cursor's text.

    :raises ConfigurationError: when the text is not a cursor of this transport; how to begin anew is said
    """
    if cursor is None:
        return {}
    try:
        shown = msgspec.json.decode(cursor, type=dict[str, _Place])
        return {
            entity: Place(place.high, place.compared_at, place.columns, _opened(place.begun, key), place.echo)
            for entity, place in shown.items()
        }
    except (msgspec.MsgspecError, sealing.SealBroken, ValueError):
        raise ConfigurationError(
            "the place kept in connect.cursor is none of the SQL transport: was the agency asked another way before? "
            "Delete its row there to have everything read again; what is known already stays unchanged"
        ) from None


def mark(rows: list[dict[str, str | None]], key: bytes) -> str:
    """Keyed mark of some rows: tells whether they are the same again, and nothing else about them."""
    return hashlib.blake2b(msgspec.json.encode(rows), key=key, digest_size=16, person=b"echo").hexdigest()


def _sealed(begun: Begun | None, key: bytes) -> _Sealed | None:
    if begun is None:
        return None
    if begun.at is None:
        return _Sealed(begun.phase, begun.high)
    at = sealing.seal(key, msgspec.json.encode(begun.at), _CONTEXT)
    return _Sealed(begun.phase, begun.high, base64.b64encode(at).decode())


def _opened(begun: _Sealed | None, key: bytes) -> Begun | None:
    if begun is None:
        return None
    if begun.at is None:
        return Begun(begun.phase, begun.high)
    at = sealing.unseal(key, base64.b64decode(begun.at), _CONTEXT)
    return Begun(begun.phase, begun.high, msgspec.json.decode(at, type=list[str]))
