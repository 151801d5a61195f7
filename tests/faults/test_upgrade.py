"""Fault 18: a database of an earlier release, with data in it, comes to this one: nothing is lost, and it works on.

Migrations are numbered files applied once each, so the earlier release is what the files of its time make. Each number
at which a release could have stood is tried.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import resources

import pytest

from connectors import sink
from pipeline import contract_ddl, contracts, contracts_in_force, migrations
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.settings import Settings
from tests import wire
from tests.faults.conftest import Figures
from tests.faults.mortal import TOPIC
from tests.fragile import forget_topics

pytestmark = pytest.mark.slow
EARLIER = ("0340_officer.sql", "0440_forecast.sql", "0510_feeds.sql")
"""last migrations of parts 2, 3 and 4"""
ROWS = 500
FILLED = {
    "connect.delivery": "select delivery_id, agency_code, source, read_rows from connect.delivery order by 1",
    "connect.batch": "select batch_id, expected_rows, topic from connect.batch order by 1",
    "quality.batch": "select batch_id, status, received, landed_rows from quality.batch order by 1",
    "landing": "select _event_id, _record_id, _version, sourced_id, name from landing.oneroster__orgs order by 1",
    "quarantine": "select batch_id, batch_seq, stage, rule_ids from quarantine.entry order by 1, 2",
}


@contextmanager
def empty_database(settings: Settings) -> Iterator[Settings]:
    """A database in which nothing was ever migrated."""
    name = f"{settings.pg_database}_before"
    with connect(replace(settings, pg_database="postgres"), "flyover_owner", autocommit=True) as owner:
        owner.execute(SQL("create database {}").format(Identifier(name)))
        try:
            yield replace(settings, pg_database=name)
        finally:
            owner.execute(SQL("drop database {}").format(Identifier(name)))


def as_of(settings: Settings, last: str) -> None:
    """Bring a database to what the migrations up to ``last`` made of it."""
    files = sorted(f.name for f in resources.files(migrations).iterdir() if f.name[:4].isdigit())
    assert last in files
    with connect(settings, "flyover_owner") as connection:
        connection.execute("create schema audit")
        connection.execute("create table audit.migration (name text primary key, applied_at timestamptz default now())")
        for name in files[: files.index(last) + 1]:
            connection.execute(resources.files(migrations).joinpath(name).read_bytes())
            connection.execute("insert into audit.migration (name) values (%s)", (name,))
        entities = contracts_in_force.enforce(connection, contracts.load_all(settings.contracts_dir).values())
        contract_ddl.ensure(connection, entities, dt.datetime.now(dt.UTC).date())
        granted_then(connection)


def granted_then(connection: Connection) -> None:
    """Rights of the roles that fill it."""
    for schema in ("connect", "landing", "quarantine", "quality", "vault"):
        for role in ("flyover_connector", "flyover_sink"):
            words = {"schema": Identifier(schema), "role": Identifier(role)}
            connection.execute(SQL("grant usage on schema {schema} to {role}").format(**words))
            connection.execute(SQL("grant all on all tables in schema {schema} to {role}").format(**words))
            connection.execute(SQL("grant all on all sequences in schema {schema} to {role}").format(**words))


def filled(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with connect(settings, "flyover_owner") as connection:
        return {name: connection.execute(query).fetchall() for name, query in FILLED.items()}


def schema_of(settings: Settings) -> set[tuple[object, ...]]:
    """Every relation and column there is."""
    with connect(settings, "flyover_owner") as connection:
        return set(
            connection.execute(
                "select table_schema, table_name, column_name, data_type, is_nullable from information_schema.columns "
                "where table_schema not in ('pg_catalog', 'information_schema')"
            )
        )


@pytest.mark.parametrize("last", EARLIER)
def test_an_earlier_release_comes_forward_with_its_data(
    last: str, settings: Settings, new_database: Callable[[], Settings], figures: Callable[[str], Figures]
) -> None:
    seen = figures(f"18 upgrade from {last[:4]}")
    forget_topics(settings)
    with empty_database(new_database()) as earlier:
        as_of(earlier, last)
        batch = wire.open_batch(earlier, ROWS)
        lines = [wire.org(n) for n in range(ROWS - 1)]
        wire.send(earlier, batch, [*lines, wire.Line("bad", {"sourcedId": "bad"})])
        sink.drain(earlier, [TOPIC], max_rows=100, stop=iter([False, False, True, True]).__next__)
        before = filled(earlier)

        applied = migrations.apply(earlier)

        assert applied
        assert applied[0] > last
        assert filled(earlier) == before, "what was there is there"
        assert migrations.apply(earlier) == [], "once each"
        assert schema_of(earlier) == schema_of(settings), "as if made today"
        sink.drain(earlier, [TOPIC])
        assert filled(earlier)["quality.batch"] == [(batch, "landed", ROWS, ROWS)], "and it works on"
    seen.events, seen.rows = ROWS, sum(map(len, before.values()))
    seen.notes.append(f"{len(applied)} migrations")
