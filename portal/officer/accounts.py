"""Who may sit at the officer's desk: names, roles and agencies, kept by whoever has the server's shell.

An account is made, renewed and ended from the terminal alone; the desk can read accounts and never write them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from expectations.decisions.people import Actor, Role
from pipeline.db import Connection, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from portal import tokens

MAKER, READER = tokens.OFFICERS.maker, tokens.OFFICERS.checker
_NAME = re.compile(r"[\w.-]{2,60}")
_ADVICE = "See ./flyover officer list."


@dataclass(frozen=True)
class Officer:
    """One account; ``agencies`` None stands for every agency."""

    name: str
    role: Role
    agencies: frozenset[str] | None
    added_at: dt.datetime
    ended_at: dt.datetime | None

    @property
    def actor(self) -> Actor:
        """As whom this person decides."""
        return Actor(self.name, self.role, self.agencies)


def add(settings: Settings, name: str, role: Role, agencies: Sequence[str], *, days: int) -> str:
    """Open an account, or open an ended one again; its token, to be shown this one time.

    :raises BadInput: when the name is taken or cannot stand in the audit trail
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} cannot be an officer's name", advice="Use letters, digits, dots and hyphens.")
    with connect(settings, MAKER) as connection:
        if (known := _find(connection, name)) is not None and known.ended_at is None:
            raise BadInput(f"there is an officer {name} already", advice="Renew or revoke the account.")
        connection.execute(
            "insert into portal.officer (name, role, agencies) values (%s, %s, %s) on conflict (name) do update "
            "set role = excluded.role, agencies = excluded.agencies, added_at = now(), ended_at = null",
            (name, role, sorted(set(agencies)) or None),
        )
        _note(connection, "officer.added", name, {"role": role, "agencies": sorted(set(agencies)) or None})
    return tokens.make(settings, name, label=role, days=days, ring=tokens.OFFICERS)


def renew(settings: Settings, name: str, *, days: int) -> str:
    """A new token for an account; the earlier ones, and every session begun with them, end.

    :raises BadInput: when there is no such account, or it has ended
    """
    officer = find(settings, name, role=MAKER)
    if officer is None:
        raise BadInput(f"there is no officer {name}", advice=_ADVICE)
    made = tokens.make(settings, name, label=officer.role, days=days, ring=tokens.OFFICERS)
    for earlier in tokens.all_of(settings, name, ring=tokens.OFFICERS):
        if not made.startswith(f"{tokens.OFFICERS.prefix}-{earlier.token_id}-"):
            tokens.revoke(settings, name, earlier.token_id, ring=tokens.OFFICERS)
    return made


def revoke(settings: Settings, name: str) -> None:
    """End an account at once, with its tokens and sessions. What it decided stays, under its name.

    :raises BadInput: when there is no such account, or it has ended
    """
    with connect(settings, MAKER) as connection:
        ended = connection.execute(
            "update portal.officer set ended_at = now() where name = %s and ended_at is null", (name,)
        ).rowcount
        if not ended:
            raise BadInput(f"there is no officer {name}", advice=_ADVICE)
        _note(connection, "officer.ended", name, {})
    for token in tokens.all_of(settings, name, ring=tokens.OFFICERS):
        tokens.revoke(settings, name, token.token_id, ring=tokens.OFFICERS)


def find(settings: Settings, name: str, *, role: str = READER) -> Officer | None:
    """The account of that name; None when there is none or it has ended."""
    with connect(settings, role) as connection:
        found = _find(connection, name)
    return found if found is not None and found.ended_at is None else None


def all_of(settings: Settings) -> list[Officer]:
    """Every account there ever was, those in force first."""
    with connect(settings, MAKER) as connection:
        rows = connection.execute(f"{_SELECT} order by ended_at nulls first, name").fetchall()
    return [_officer(row) for row in rows]


_SELECT = "select name, role, agencies, added_at, ended_at from portal.officer"


def _find(connection: Connection[Any], name: str) -> Officer | None:
    row = connection.execute(f"{_SELECT} where name = %s", (name,)).fetchone()
    return _officer(row) if row else None


def _officer(row: tuple[Any, ...]) -> Officer:
    name, role, agencies, added_at, ended_at = row
    return Officer(name, role, None if agencies is None else frozenset(agencies), added_at, ended_at)


def _note(connection: Connection[Any], action: str, name: str, detail: dict[str, object]) -> None:
    connection.execute(
        "insert into audit.entry (action, object, detail) values (%s, %s, %s)",
        (action, f"officer {name}", json.dumps(detail)),
    )
