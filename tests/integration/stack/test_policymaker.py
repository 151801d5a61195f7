"""The role policymaker: schema mart, for a while, a few at a time, and nothing else, whatever program it comes by."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any

import pytest

from cli import sql_command
from pipeline import migrations, programs
from pipeline.db import DatabaseError, InsufficientPrivilege, QueryCanceled, connect
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT, Settings
from stack import postgres

ROLE = "policymaker"
CLOSED = (
    "select * from core.dim_division", "select * from landing.drain", "select * from landing.oneroster__users",
    "select * from vault.identity", "select * from quality.batch", "select * from quarantine.entry",
    "select * from connect.delivery", "select * from released.oneroster__users", "select * from audit.entry",
    "select * from portal.officer_token", "select * from persons.link", "select * from ledger.entry",
    "select pg_read_file('/etc/passwd')", "select pg_ls_dir('.')", "copy (select 1) to program 'id'",
    "copy mart.release from '/etc/passwd'", "select rolpassword from pg_authid", "set role flyover_owner",
    "select pg_advisory_lock(7003302)", "select pg_try_advisory_lock(1)",
    "select * from pg_stat_activity", "select pg_stat_get_activity(null)",
)  # fmt: skip
MAKING = (
    "create schema mine", "create table mart.mine (n integer)", "create table public.mine (n integer)",
    "create temporary table mine (n integer)", "create function mart.mine() returns integer return 1",
    "create view mart.mine as select 1", "select lo_create(0)", "select lo_from_bytea(0, 'x')",
    "insert into mart.release (as_of, released_seq) values (now(), 1)", "delete from mart.indicator_value",
    "update mart.current_release set release_id = 1", "truncate mart.indicator_value",
    "alter role policymaker superuser", "alter role policymaker connection limit -1", "create role mine",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def granted(settings: Settings) -> None:
    """A clone has no decisions of its own about who may connect and make temporary tables."""
    migrations.apply(settings)


def shown(settings: Settings, setting: str) -> Any:
    with connect(settings, ROLE) as connection:
        found = connection.execute("select current_setting(%s)", (setting,)).fetchone()
        return found and found[0]


@pytest.mark.parametrize("statement", CLOSED)
def test_everything_but_mart_is_closed(settings: Settings, statement: str) -> None:
    with connect(settings, ROLE) as connection, pytest.raises((InsufficientPrivilege, DatabaseError)) as refused:
        connection.execute(statement.encode())
    assert "denied" in str(refused.value), refused.value


@pytest.mark.parametrize("statement", MAKING)
def test_read_write_gives_no_rights(settings: Settings, statement: str) -> None:
    with connect(settings, ROLE) as connection:
        connection.execute("set transaction read write")
        with pytest.raises(InsufficientPrivilege):
            connection.execute(statement.encode())


def test_mart_is_open_and_read_only(settings: Settings) -> None:
    with connect(settings, ROLE) as connection:
        assert connection.execute("select count(*) from mart.current_indicator_value").fetchone() == (0,)
    assert shown(settings, "default_transaction_read_only") == "on"


def test_limits_are_the_roles_own_so_every_program_has_them(settings: Settings) -> None:
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute("select rolconnlimit from pg_roles where rolname = %s", (ROLE,)).fetchone()
    assert found == (20,)
    env = {
        **os.environ, "PGHOST": settings.pg_host, "PGPORT": str(settings.pg_port), "PGDATABASE": settings.pg_database,
        "PGUSER": ROLE, "PGPASSWORD": settings.secrets.pg_passwords[ROLE],
    }  # fmt: skip
    asked = [str(programs.postgres("psql")), "-XAtc", "show statement_timeout; show default_transaction_read_only"]
    told = subprocess.run(asked, env=env, check=True, capture_output=True, text=True).stdout.split()
    assert told == ["30s", "on"]


def test_a_query_that_takes_too_long_is_ended(settings: Settings) -> None:
    with connect(settings, postgres.SUPERUSER, autocommit=True) as superuser:
        here = f"alter role {ROLE} in database {settings.pg_database}"
        superuser.execute(f"{here} set statement_timeout = '200ms'")  # the limit of 30 s, for those who wait here
        try:
            with connect(settings, ROLE) as connection, pytest.raises(QueryCanceled):
                connection.execute("select pg_sleep(20)")
            with pytest.raises(BadInput, match="statement timeout"):
                sql_command.ask(settings, ROLE, "select count(*) from generate_series(1, 10000000000)")
        finally:
            superuser.execute(f"{here} reset statement_timeout")


def test_what_it_sets_for_itself_lasts_no_longer_than_the_next_start(settings: Settings) -> None:
    with connect(settings, ROLE) as connection:
        connection.execute("set transaction read write")
        connection.execute(f"alter role {ROLE} set statement_timeout = 0")
    assert shown(settings, "statement_timeout") == "0"
    migrations.apply(settings)
    assert shown(settings, "statement_timeout") == "30s"


def test_what_the_page_about_bi_tools_types_works(settings: Settings) -> None:
    page = (CHECKOUT / "docs/how-to/bi-tools.md").read_text(encoding="utf-8")
    statements = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    assert statements
    for statement in statements:
        sql_command.ask(settings, ROLE, statement)


def test_those_who_work_hold_their_locks(settings: Settings) -> None:
    for role in ("flyover_judge", "flyover_dbt", "flyover_sink", "engineer"):
        with connect(settings, role) as connection:
            connection.execute("select pg_advisory_xact_lock(7)")
            connection.execute("create temporary table work (n integer) on commit drop")
