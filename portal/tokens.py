"""Tokens by which a caller signs in at a desk: shown once, kept only as a keyed hash, several valid at a time.

A token is ``<prefix>-<id>-<secret>``. The id finds the row; what is kept of the rest is HMAC-SHA-256 under a key that
lies outside the database. So that a change needs no stop, a new token is made before the old one is revoked. Agencies'
and officers' tokens lie in tables of their own, which different roles may read: neither is known at the other's desk.
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

from pipeline.db import SQL, Composed, Identifier, connect
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import Settings

LONGEST_DAYS = 3 * 365
_SHAPE = re.compile(r"[a-z]{3}-([0-9a-f]{12})-[A-Za-z0-9_-]{43}")
_NOBODY = bytes(32)


@dataclass(frozen=True)
class Keyring:
    """Where the tokens of one kind of caller are kept, and which roles may make and check them."""

    table: str
    owner: str
    """its column that names whose token it is"""
    prefix: str
    maker: str
    checker: str


AGENCIES = Keyring("token", "agency_code", "fly", maker="flyover_connector", checker="flyover_portal")
OFFICERS = Keyring("officer_token", "officer", "flo", maker="flyover_owner", checker="flyover_officer")


@dataclass(frozen=True)
class Token:
    """A token as a list shows it."""

    token_id: str
    owner: str
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


def make(settings: Settings, owner: str, *, label: str, days: int, ring: Keyring = AGENCIES) -> str:
    """A new token, to be shown this one time.

    :raises BadInput: for a life of no length, or a very long one
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(f"a token cannot live {days} days", advice=f"Choose 1 to {LONGEST_DAYS}.")
    token_id = secrets.token_hex(6)
    token = f"{ring.prefix}-{token_id}-{secrets.token_urlsafe(32)}"
    expires_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    statement = "insert into {table} (token_id, {owner}, digest, label, expires_at) values (%s, %s, %s, %s, %s)"
    with connect(settings, ring.maker) as connection:
        connection.execute(_filled(statement, ring), (token_id, owner, _digest(settings, token), label, expires_at))
        connection.execute(
            "insert into audit.entry (action, object, detail) values ('token.made', %s, %s)",
            (f"token {token_id}", json.dumps({ring.owner: owner, "expires_at": expires_at.isoformat()})),
        )
    return token


def revoke(settings: Settings, owner: str, token_id: str, *, ring: Keyring = AGENCIES) -> bool:
    """End a token and every session begun with it; whether it was valid until now."""
    statement = "update {table} set revoked_at = now() where token_id = %s and {owner} = %s and revoked_at is null"
    with connect(settings, ring.maker) as connection:
        ended = connection.execute(_filled(statement, ring), (token_id, owner)).rowcount
        if ended:
            connection.execute(
                "insert into audit.entry (action, object, detail) values ('token.revoked', %s, %s)",
                (f"token {token_id}", json.dumps({ring.owner: owner})),
            )
    return bool(ended)


def all_of(settings: Settings, owner: str, *, ring: Keyring = AGENCIES) -> Sequence[Token]:
    """Every token a caller ever had, the newest first."""
    with connect(settings, ring.maker) as connection:
        statement = _filled(_ALL, ring)
        return [Token(*row) for row in connection.execute(statement, (owner,))]


def owner(settings: Settings, token: str, *, ring: Keyring = AGENCIES) -> Token | None:
    """Whose valid token this is; its use is noted. None for any other text."""
    shaped = _SHAPE.fullmatch(token)
    digest = _digest(settings, token)
    with connect(settings, ring.checker) as connection:
        row = connection.execute(_filled(_FIND, ring), (shaped[1] if shaped else "",)).fetchone()
        found, kept = (Token(*row[:-1]), bytes(row[-1])) if row else (None, _NOBODY)
        if not hmac.compare_digest(digest, kept) or found is None:  # an unknown id takes as long as a wrong secret
            return None
        if found.state(dt.datetime.now(dt.UTC)) != "valid":
            return None
        used = _filled("update {table} set last_used_at = now() where token_id = %s", ring)
        connection.execute(used, (found.token_id,))
    return found


def still_valid(settings: Settings, token_id: str, owner: str, *, ring: Keyring = AGENCIES) -> bool:
    """Whether the token that a session began with has neither ended nor been revoked."""
    with connect(settings, ring.checker) as connection:
        row = connection.execute(_filled(_FIND, ring), (token_id,)).fetchone()
    if row is None:
        return False
    found = Token(*row[:-1])
    return found.owner == owner and found.state(dt.datetime.now(dt.UTC)) == "valid"


_ALL = (
    "select token_id, {owner}, label, created_at, expires_at, revoked_at, last_used_at "
    "from {table} where {owner} = %s order by created_at desc"
)
_FIND = (
    "select token_id, {owner}, label, created_at, expires_at, revoked_at, last_used_at, digest "
    "from {table} where token_id = %s"
)


def _filled(statement: str, ring: Keyring) -> Composed:
    return SQL(statement).format(table=Identifier("portal", ring.table), owner=Identifier(ring.owner))


def signing_key(settings: Settings, purpose: str) -> bytes:
    """A key of the desk's own for one purpose.

    :raises ConfigurationError: when this state directory is older than the desk
    """
    if not settings.secrets.portal_key:
        raise ConfigurationError("secrets.json holds no key for the desk: ./flyover up makes it")
    return hmac.new(settings.secrets.portal_key, purpose.encode(), hashlib.sha256).digest()


def _digest(settings: Settings, token: str) -> bytes:
    return hmac.new(signing_key(settings, "token"), token.encode(), hashlib.sha256).digest()
