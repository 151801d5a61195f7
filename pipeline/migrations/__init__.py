"""Brings a database to this release: numbered SQL files, once each, forward only, then what contracts give.

Run as ``flyover_owner``. Roles other than the owner are made here, with the passwords of the settings.
"""

from __future__ import annotations

import datetime as dt
from importlib import resources

from pipeline import contract_ddl, contracts, contracts_in_force, locks, rights
from pipeline.db import SQL, Connection, Identifier, Literal, connect
from pipeline.settings import DATABASE_ROLES, Settings

_ROLES = "roles.sql"


def apply(settings: Settings) -> list[str]:
    """Apply what is missing, in one transaction; returns the names of the files applied. Safe to repeat.

    :raises Undecided: when a table, view, sequence, function or schema has no line in ``pipeline/rights``
    """
    with connect(settings, "flyover_owner") as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (locks.MIGRATION,))
        connection.execute("create schema if not exists audit")
        connection.execute(
            "create table if not exists audit.migration "
            "(name text primary key, applied_at timestamptz not null default now())"
        )
        _ensure_roles(connection, settings)
        applied = _apply_files(connection)
        entities = contracts_in_force.enforce(connection, contracts.load_all(settings.contracts_dir).values())
        contract_ddl.ensure(connection, entities, dt.datetime.now(dt.UTC).date())
        connection.execute(_text(_ROLES))
        rights.settle(connection)
    return applied


def _ensure_roles(connection: Connection, settings: Settings) -> None:
    present = {row[0] for row in connection.execute("select rolname from pg_roles")}
    for role in DATABASE_ROLES:
        if role == "flyover_owner":
            continue
        verb = "alter" if role in present else "create"
        connection.execute(
            SQL("{} role {} login password {}").format(
                SQL(verb), Identifier(role), Literal(settings.secrets.pg_passwords[role])
            )
        )
    # what dbt will build is granted onward by default privileges, which its role must lend to the owner
    connection.execute("grant flyover_dbt to flyover_owner with inherit true, set true")


def _apply_files(connection: Connection) -> list[str]:
    done = {row[0] for row in connection.execute("select name from audit.migration")}
    files = sorted(f.name for f in resources.files(__package__).iterdir() if f.name.endswith(".sql"))
    fresh = [name for name in files if name not in done and name != _ROLES]
    for name in fresh:
        connection.execute(_text(name))
        connection.execute("insert into audit.migration (name) values (%s)", (name,))
    return fresh


def _text(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()
