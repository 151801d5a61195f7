"""Tokens by which an agency signs in at its desk: shown once, kept only as a keyed hash, several valid at a time.

A token is ``fly-<id>-<secret>``. The id finds the row; what is kept of the rest is HMAC-SHA-256 under a key that lies
outside the database. So that a change needs no stop, a new token is made before the old one is revoked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.db import connect
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import Settings
from portal.agency import desk

MAKER = "flyover_connector"
LONGEST_DAYS = 3 * 365
_SHAPE = re.compile(r"fly-([0-9a-f]{12})-[A-Za-z0-9_-]{43}")
_NOBODY = bytes(32)


@dataclass(frozen=True)
class Token:
    """A token as a list shows it."""

    token_id: str
    agency_code: str
    label: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None

    def state(self, now: dt.datetime) -> str:
        """valid, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if now < self.expires_at else "expired"


def make(settings: Settings, agency_code: str, *, label: str, days: int) -> str:
    """A new token, to be shown this one time.

    :raises BadInput: for a life of no length, or a very long one
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(f"a token cannot live {days} days", advice=f"Choose 1 to {LONGEST_DAYS}.")
    token_id = secrets.token_hex(6)
    token = f"fly-{token_id}-{secrets.token_urlsafe(32)}"
    expires_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    with connect(settings, MAKER) as connection:
        connection.execute(
            "insert into portal.token (token_id, agency_code, digest, label, expires_at) values (%s, %s, %s, %s, %s)",
            (token_id, agency_code, _digest(settings, token), label, expires_at),
        )
        connection.execute(
            "insert into audit.entry (action, object, detail) values ('token.made', %s, %s)",
            (f"token {token_id}", json.dumps({"agency_code": agency_code, "expires_at": expires_at.isoformat()})),
        )
    return token


def revoke(settings: Settings, agency_code: str, token_id: str) -> bool:
    """End a token and every session begun with it; whether it was valid until now."""
    with connect(settings, MAKER) as connection:
        ended = connection.execute(
            "update portal.token set revoked_at = now() "
            "where token_id = %s and agency_code = %s and revoked_at is null",
            (token_id, agency_code),
        ).rowcount
        if ended:
            connection.execute(
                "insert into audit.entry (action, object, detail) values ('token.revoked', %s, %s)",
                (f"token {token_id}", json.dumps({"agency_code": agency_code})),
            )
    return bool(ended)


def all_of(settings: Settings, agency_code: str) -> Sequence[Token]:
    """Every token an agency ever had, the newest first."""
    with connect(settings, MAKER) as connection:
        found = connection.execute(
            "select token_id, agency_code, label, created_at, expires_at, revoked_at, last_used_at "
            "from portal.token where agency_code = %s order by created_at desc",
            (agency_code,),
        )
        return [Token(*row) for row in found]


def owner(settings: Settings, token: str) -> Token | None:
    """Whose valid token this is; its use is noted. None for any other text."""
    shaped = _SHAPE.fullmatch(token)
    digest = _digest(settings, token)
    with connect(settings, desk.ROLE) as connection:
        row = connection.execute(_FIND, (shaped[1] if shaped else "",)).fetchone()
        found, kept = (Token(*row[:-1]), bytes(row[-1])) if row else (None, _NOBODY)
        if not hmac.compare_digest(digest, kept) or found is None:  # an unknown id takes as long as a wrong secret
            return None
        if found.state(dt.datetime.now(dt.UTC)) != "valid":
            return None
        connection.execute("update portal.token set last_used_at = now() where token_id = %s", (found.token_id,))
    return found


def still_valid(settings: Settings, token_id: str, agency_code: str) -> bool:
    """Whether the token that a session began with has neither ended nor been revoked."""
    with connect(settings, desk.ROLE) as connection:
        row = connection.execute(_FIND, (token_id,)).fetchone()
    if row is None:
        return False
    found = Token(*row[:-1])
    return found.agency_code == agency_code and found.state(dt.datetime.now(dt.UTC)) == "valid"


_FIND = (
    "select token_id, agency_code, label, created_at, expires_at, revoked_at, last_used_at, digest "
    "from portal.token where token_id = %s"
)


def signing_key(settings: Settings, purpose: str) -> bytes:
    """A key of the desk's own for one purpose.

    :raises ConfigurationError: when this state directory is older than the desk
    """
    if not settings.secrets.portal_key:
        raise ConfigurationError("secrets.json holds no key for the desk: ./flyover up makes it")
    return hmac.new(settings.secrets.portal_key, purpose.encode(), hashlib.sha256).digest()


def _digest(settings: Settings, token: str) -> bytes:
    return hmac.new(signing_key(settings, "token"), token.encode(), hashlib.sha256).digest()
