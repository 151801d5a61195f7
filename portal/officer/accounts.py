"""Who may sit at the officer's desk: names, roles and agencies, kept by whoever has the server's shell.

An account is made, renewed and ended from the terminal alone; the desk can read accounts and never write them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from expectations.decisions.people import Actor, Role
from pipeline.db import SQL, Connection, Identifier, Literal, connect
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
    login: str | None
    """their own role of the server, where they have one"""

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
        _drop_login(connection, name)
        _note(connection, "officer.ended", name, {})
    for token in tokens.all_of(settings, name, ring=tokens.OFFICERS):
        tokens.revoke(settings, name, token.token_id, ring=tokens.OFFICERS)


def let_in(settings: Settings, name: str) -> tuple[str, str]:
    """A login of the database for an account, or a new password for the one it has: (login, password).

    The login may what ``quality_officer`` may, and sees the rows of the account's agencies alone, whatever it sets:
    policies look it up by its name. Viewers have none: they see counts on the pages.

    :raises BadInput: when there is no such account, it has ended, or another one has this login
    """
    login, password = f"officer_{re.sub(r'[^a-z0-9]+', '_', name.lower())}"[:63], secrets.token_urlsafe(24)
    with connect(settings, MAKER) as connection:
        officer = _find(connection, name)
        if officer is None or officer.ended_at is not None or officer.role == "viewer":
            raise BadInput(f"there is no officer {name} who may have a login", advice=_ADVICE)
        taken = connection.execute(
            "select exists (select from pg_roles where rolname = %s)", (officer.login or login,)
        ).fetchone() == (True,)
        if officer.login is None and taken:
            raise BadInput(f"the login {login} is taken", advice="Open the account under another name.")
        here = Identifier(officer.login or login)
        verb = SQL("alter" if taken else "create")
        connection.execute(SQL("{} role {} login password {}").format(verb, here, Literal(password)))
        for setting in _OF_LOGINS:
            connection.execute(SQL("alter role {} {}").format(here, SQL(setting)))
        connection.execute(SQL("grant quality_officer to {} with inherit true, set false").format(here))
        connection.execute("update portal.officer set login = %s where name = %s", (officer.login or login, name))
        _note(connection, "officer.let_in", name, {"login": officer.login or login})
    return officer.login or login, password


_OF_LOGINS = (
    "connection limit 5", "set default_transaction_read_only = on", "set statement_timeout = '60s'",
    "set idle_session_timeout = '1h'",
)  # fmt: skip


def _drop_login(connection: Connection[Any], name: str) -> None:
    """Take a login away; a session that is open sees nothing from now on, as the account has ended."""
    row = connection.execute(
        "select login from portal.officer where name = %s and login is not null", (name,)
    ).fetchone()
    if row is not None:
        connection.execute("update portal.officer set login = null where name = %s", (name,))
        connection.execute(SQL("drop role if exists {}").format(Identifier(row[0])))


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


_SELECT = "select name, role, agencies, added_at, ended_at, login from portal.officer"


def _find(connection: Connection[Any], name: str) -> Officer | None:
    row = connection.execute(f"{_SELECT} where name = %s", (name,)).fetchone()
    return _officer(row) if row else None


def _officer(row: tuple[Any, ...]) -> Officer:
    name, role, agencies, added_at, ended_at, login = row
    return Officer(name, role, None if agencies is None else frozenset(agencies), added_at, ended_at, login)


def _note(connection: Connection[Any], action: str, name: str, detail: dict[str, object]) -> None:
    connection.execute(
        "insert into audit.entry (action, object, detail) values (%s, %s, %s)",
        (action, f"officer {name}", json.dumps(detail)),
    )
