"""Every role is tried at every object: what was decided works, everything else is refused, and a drift is found."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import main
from pipeline import migrations, rights
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.rights import catalogue, matrix
from pipeline.rights.decisions import Right
from pipeline.settings import DATABASE_ROLES, Settings
from stack import postgres
from tests import evidence

OWNER = "flyover_owner"
BUILT = (
    "create table core.fct_made (n integer)", "create view core.learner_file as select 1 as n",
    "create table intermediate.int_persons__stated (n integer)", "create table staging.stg_made (n integer)",
    "create table core.ind_made (n integer)", "create function core.asked() returns integer return 1",
)  # fmt: skip
COLUMNS = """
select n.nspname || '.' || c.relname, array_agg(a.attname::text order by a.attnum)
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
group by 1
"""
TRY = """
do $$
declare
    tried text;
    through text[] := '{}';
begin
    for tried in select jsonb_array_elements_text(current_setting('test.tried')::jsonb) loop
        begin
            execute tried;
            through := through || tried;
        exception
            when insufficient_privilege then null;
            when others then through := through || (tried || ' -> ' || sqlstate || ' ' || sqlerrm);
        end;
    end loop;
    perform set_config('test.through', to_jsonb(through)::text, true);
end
$$
"""
REFUSED_BY_NATURE = ("55000", "0A000", "42809")
"""a view that takes no rows, a trigger's function: nobody may, whatever their rights"""


@pytest.fixture(scope="module")
def house(settings: Settings) -> Settings:
    """With a few things that dbt would have made, settled as after a build."""
    migrations.apply(settings)
    with connect(settings, "flyover_dbt") as builder:
        for statement in BUILT:
            builder.execute(statement)
        rights.settle_built(builder)
    return settings


@pytest.fixture(scope="module")
def things(house: Settings) -> list[catalogue.Thing]:
    with connect(house, OWNER) as connection:
        return catalogue.things(connection)


@pytest.fixture(scope="module")
def columns(house: Settings) -> dict[str, list[str]]:
    with connect(house, OWNER) as connection:
        return dict(connection.execute(COLUMNS).fetchall())


def held(thing: catalogue.Thing, role: str) -> set[Right]:
    """What was decided for a role, with what it has of others."""
    decided = rights.load()
    if thing.is_counter:
        return set()
    lent = decided.roles[role].also | {role}
    return {right for right in decided.group_of(thing.kind, thing.name).rights if right.role in lent}  # type: ignore[arg-type]


def forbidden(thing: catalogue.Thing, role: str, columns: dict[str, list[str]]) -> Iterator[str]:
    """Statements a role must be refused."""
    may, at = held(thing, role), thing.address
    if thing.owner in rights.load().roles[role].also | {role}:
        return
    if thing.kind == "sequences":
        if not may & {Right(r.role, "usage") for r in may}:
            yield f"select nextval('{at}')"
        yield f"select setval('{at}', 1)"
    elif thing.kind == "functions":
        if not may:
            arguments = at[at.index("(") + 1 : -1].split(",")
            yield f"select {thing.name}({', '.join(f'null::{a}' for a in arguments if a)})"
    else:
        whole = {right.privilege for right in may if not right.column}
        some = {right.privilege for right in may}
        last = columns[thing.name][-1]
        tries = {
            "select": f"select from {at} limit 0", "insert": f"insert into {at} default values",
            "update": f'update {at} set "{last}" = default where false', "delete": f"delete from {at} where false",
        }  # fmt: skip
        yield from (statement for privilege, statement in tries.items() if privilege not in some)
        for privilege, form in (
            ("select", 'select "{}" from {} limit 0'),
            ("update", 'update {1} set "{0}" = default where false'),
        ):
            if privilege in some - whole:
                given = {right.column for right in may if right.privilege == privilege}
                yield from (form.format(name, at) for name in columns[thing.name] if name not in given)
        yield f"truncate {at}"


def allowed(thing: catalogue.Thing, role: str) -> Iterator[str]:
    """Statements a role must be let through; explained only, so that nothing is written."""
    by: dict[str, list[str]] = {}
    for right in held(thing, role):
        by.setdefault(right.privilege, []).append(right.column)
    if thing.kind not in ("relations", "partitions"):
        return
    for privilege, names in by.items():
        some = ", ".join(f'"{name}"' for name in sorted(names) if name)
        if privilege == "select":
            yield f"explain select {some or '*'} from {thing.address}"
        elif privilege == "insert":
            yield f"explain insert into {thing.address} default values"
        elif privilege == "delete":
            yield f"explain delete from {thing.address}"
        elif some:
            assignments = ", ".join(f'"{name}" = default' for name in sorted(filter(None, names)))
            yield f"explain update {thing.address} set {assignments}"


def through(connection: Connection[Any], statements: list[str]) -> list[str]:
    """Which of the statements the server did not refuse for want of a right; nothing of them stays."""
    connection.execute("set transaction read write")
    connection.execute("select set_config('test.tried', %s, true)", (json.dumps(statements),))
    connection.execute(TRY)
    found = connection.execute("select current_setting('test.through')::jsonb").fetchone()
    connection.rollback()
    return list(found[0]) if found else []


def test_the_database_is_as_decided(house: Settings) -> None:
    with connect(house, OWNER) as connection:
        assert rights.differences(connection) == []
        public = [t.name for t in catalogue.things(connection) if any(r.role == "public" for r in t.rights)]
    assert public == []


@pytest.mark.parametrize("role", [role for role in DATABASE_ROLES if role != OWNER])
def test_what_was_not_decided_is_refused(
    house: Settings, things: list[catalogue.Thing], columns: dict[str, list[str]], role: str
) -> None:
    tried = [s for thing in things if thing.kind != "schemas" for s in forbidden(thing, role, columns)]
    with connect(house, role) as connection:
        got_through = [s for s in through(connection, tried) if not any(f" -> {c}" in s for c in REFUSED_BY_NATURE)]
    assert len(tried) > 200
    assert got_through == []
    evidence.tell(f"rights: {role} was refused {len(tried):,} statements")


@pytest.mark.parametrize("role", [role for role in DATABASE_ROLES if role != OWNER])
def test_what_was_decided_works(house: Settings, things: list[catalogue.Thing], role: str) -> None:
    meant = [s for thing in things if thing.kind != "schemas" for s in allowed(thing, role)]
    with connect(house, role) as connection:
        got_through = through(connection, meant)
    by_nature = ("55000", "428C9")
    let_through = {s.partition(" -> ")[0] for s in got_through}
    strange = [s for s in got_through if " -> " in s and not any(f" -> {c}" in s for c in by_nature)]
    assert meant
    assert set(meant) - let_through == set()
    assert strange == []


@pytest.mark.parametrize("role", [role for role in DATABASE_ROLES if role != OWNER])
def test_nobody_makes_anything_in_the_house(house: Settings, role: str) -> None:
    decided = rights.load()
    tried = [
        f"create table {name}.made_by_a_stranger (n integer)"
        for name, schema in decided.schemas.items()
        if not (schema.is_built and role == "flyover_dbt")
    ]
    with connect(house, role) as connection:
        assert through(connection, [*tried, "create role stranger", "create schema attic"]) == []


def test_a_table_without_a_decision_stops_the_migrations_and_changes_nothing(house: Settings) -> None:
    with connect(house, OWNER) as connection:
        connection.execute("create table quality.forgotten (n integer)")
        connection.execute("grant delete on quality.batch to flyover_portal")
    try:
        with pytest.raises(rights.Undecided, match=r"quality\.forgotten"):
            migrations.apply(house)
        with connect(house, OWNER) as connection:
            found = rights.differences(connection)
        assert [(d.where, d.what) for d in found] == [
            ("quality.batch", "flyover_portal: delete beyond what was decided"),
            ("quality.forgotten", "table that no line names"),
        ]
    finally:
        with connect(house, OWNER) as connection:
            connection.execute("drop table quality.forgotten")
    migrations.apply(house)
    with connect(house, OWNER) as connection:
        assert rights.differences(connection) == []


DRIFTS = {
    "grant select on vault.identity to public": ("vault.identity", "public: select beyond what was decided"),
    "revoke select on quality.batch from flyover_watch": ("quality.batch", "flyover_watch: select is missing"),
    "grant select (payload) on quarantine.entry to quality_officer": (
        "quarantine.entry", "quality_officer: select of payload beyond what was decided"
    ),
    "grant select on mart.release to policymaker with grant option": (
        "mart.release", "policymaker: select with grant option beyond what was decided"
    ),
    "alter table connect.delivery no force row level security": (
        "connect.delivery", "row-level security is not forced"
    ),
    "alter policy agency on connect.delivery using (true)": ("connect.delivery", "policy agency was changed"),
    "create policy also on quality.batch using (true)": ("quality.batch", "policy also that nobody decided"),
    "drop policy house on quality.alert": ("quality.alert", "policy house is missing"),
    "grant execute on function portal.own_agencies to public": (
        "portal.own_agencies", "public: execute beyond what was decided"
    ),
    "grant flyover_names to engineer": ("engineer", "has the rights of flyover_names too, not of nothing"),
    "alter role engineer bypassrls": ("engineer", "can bypassrls, not nothing"),
    "grant create on schema core to engineer": ("core", "engineer: create beyond what was decided"),
}  # fmt: skip


@pytest.mark.parametrize("drift", DRIFTS)
def test_a_drift_is_found(house: Settings, drift: str) -> None:
    with connect(house, postgres.SUPERUSER) as connection:
        connection.execute(drift.encode())
        found = [(d.where, d.what) for d in rights.differences(connection)]
        connection.rollback()
    assert DRIFTS[drift] in found


def test_a_drift_is_put_right_and_a_second_run_writes_nothing(house: Settings) -> None:
    with connect(house, postgres.SUPERUSER) as connection:
        for drift in DRIFTS:
            if not drift.startswith(("alter role", "grant flyover_names")):
                connection.execute(drift.encode())
    migrations.apply(house)
    with connect(house, OWNER) as connection:
        assert rights.differences(connection) == []
        before = written(connection)
        began = time.perf_counter()
        rights.settle(connection)
        took = time.perf_counter() - began
        assert written(connection) == before
    evidence.tell(f"rights: a run that finds everything in place takes {took * 1000:.0f} ms")


def written(connection: Connection[Any]) -> list[tuple[Any, ...]]:
    """Which transaction wrote each relation, policy and function last."""
    return connection.execute(
        "select 'relation', oid::text, xmin::text from pg_class where relnamespace::regnamespace::text !~ '^pg_' "
        "union all select 'policy', oid::text, xmin::text from pg_policy "
        "union all select 'function', oid::text, xmin::text from pg_proc "
        "where pronamespace::regnamespace::text !~ '^pg_' order by 1, 2"
    ).fetchall()


def test_what_dbt_makes_is_open_to_nobody_it_was_not_decided_for(house: Settings) -> None:
    with connect(house, "flyover_dbt") as builder:
        builder.execute("drop table core.fct_made, core.ind_made")
        builder.execute("create table core.fct_made (n integer)")
        builder.execute("create table core.ind_made (n integer)")
        builder.execute("create or replace function core.asked() returns integer return 2")
        rights.settle_built(builder)
    with connect(house, OWNER) as connection:
        assert rights.differences(connection) == []
        may = {line.name: line.may for line in matrix.lines(connection)}
    assert may["core.fct_made"] == {"engineer": "s"}
    assert may["core.ind_made"] == {"engineer": "s", "flyover_publisher": "s"}


def test_the_command_shows_the_matrix_and_fails_on_a_drift(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(house.state_dir))
    runner = CliRunner()
    shown = runner.invoke(main.build(["roles"]), ["roles", "--schema", "vault"])
    assert shown.exit_code == 0, shown.output
    assert "vault.identity" in shown.output
    assert "engineer" not in shown.output
    assert runner.invoke(main.build(["roles"]), ["roles", "--check"]).exit_code == 0
    with connect(house, OWNER) as connection:
        connection.execute(SQL("grant select on vault.identity to {}").format(Identifier("engineer")))
    try:
        failed = runner.invoke(main.build(["roles"]), ["roles", "--check"])
        assert failed.exit_code == 1
        assert "engineer: select beyond what was decided" in " ".join(failed.output.split())
    finally:
        migrations.apply(house)


def test_the_whole_matrix_was_decided(house: Settings) -> None:
    with connect(house, OWNER) as connection:
        lines = matrix.lines(connection)
    objects = sum(line.count for line in lines)
    held = sum(line.count * len(line.may) for line in lines)
    evidence.tell(f"rights: {len(DATABASE_ROLES)} roles × {objects} objects, {held} pairs with a right")
    assert {name for line in lines for name in line.may} <= set(DATABASE_ROLES)
