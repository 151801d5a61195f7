"""What credentials of every family have in common: their words, days and numbers, and the envelope of a signature."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

Values = dict[str, str | None]
LANGUAGES = ("zh", "zh-CN", "zh-Hans", "en")


class CredentialError(ValueError):
    """A credential that cannot be taken for an outcome; its text is the rule id."""


def unwrapped(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """(the credential itself, whether it came signed): out of an upload's wrapper or a signature's payload.

    :raises CredentialError: when the payload is no JSON object
    """
    if isinstance(inner := document.get("credential"), dict):
        return unwrapped(inner)
    payload = document.get("payload")
    if not isinstance(payload, str):
        return document, "proof" in document
    plain = payload.lstrip().startswith("{")  # some issuers leave the payload unencoded (RFC 7797)
    try:
        inner = json.loads(payload if plain else base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise CredentialError("reader.credential_payload") from None
    if not isinstance(inner, dict):
        raise CredentialError("reader.credential_payload")
    return unwrapped(inner)[0], True


def types(thing: Mapping[str, Any]) -> set[str]:
    """Types of a thing, one or several."""
    said = thing.get("type", [])
    return {str(one) for one in (said if isinstance(said, list) else [said])}


def word(said: Any) -> str | None:
    """A word that may stand in several languages: Chinese first, then English, then whichever there is."""
    if isinstance(said, dict):
        said = next((said[language] for language in LANGUAGES if language in said), next(iter(said.values()), None))
    if isinstance(said, list):
        said = next(iter(said), None)
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    return str(said).strip() or None


def listed(value: Any) -> Sequence[Any]:
    """A property that may hold nothing, one thing or several, as several."""
    return value if isinstance(value, list) else [] if value is None else [value]


def text(thing: Mapping[str, Any], name: str) -> str | None:
    """A property that is text."""
    found = thing.get(name)
    return found.strip() or None if isinstance(found, str) else None


def number(thing: Mapping[str, Any], name: str) -> str | None:
    """A property that is a number, written as one or as text.

    :raises CredentialError: when it is neither
    """
    found = thing.get(name)
    if found is None:
        return None
    try:
        return f"{float(found):g}"
    except (TypeError, ValueError):
        raise CredentialError("reader.credential_number") from None


def day(said: Any) -> str | None:
    """Day of a moment where it was written: a time is not moved into another zone.

    :raises CredentialError: when it is no date
    """
    if said is None:
        return None
    try:
        return dt.datetime.fromisoformat(said).date().isoformat()
    except (TypeError, ValueError):
        raise CredentialError("reader.credential_date") from None
