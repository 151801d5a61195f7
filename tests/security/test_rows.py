"""Whose rows a connection sees: an agency its own, an officer those of their agencies, whoever names none nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from pipeline import migrations, rights
from pipeline.db import SQL, Connection, DatabaseError, Identifier, InsufficientPrivilege, connect
from pipeline.errors import SystemTrouble
from pipeline.rights import rows
from pipeline.rights.decisions import load
from pipeline.settings import Settings
from portal.agency import desk
from portal.officer import accounts
from tests import evidence

OWNER, NORTH, SOUTH = "flyover_owner", "sch-north", "sch-south"
HOLDS = {NORTH: 1, SOUTH: 2}
"""rows of each agency in every table that is kept by agency"""
TABLE = "oneroster__orgs"
DESK_VIEWS = (
    "uploads", "deliveries", "refusals", "repairs", "batches", "rule_results", "kept_back", "corrections",
    "correction_rows",
)  # fmt: skip
OFFICER_VIEWS = (
    "officer_waiting", "officer_entries", "officer_batches", "officer_rule_results", "officer_decided", "officer_trail",
    "officer_alerts",
)  # fmt: skip


def fill(connection: Connection[Any], agency: str, number: int) -> None:
    """One row of an agency in each table kept by agency."""
    batch, delivery, correction = (str(uuid.uuid5(uuid.NAMESPACE_OID, f"{k} {agency} {number}")) for k in "bdc")
    name = f"{agency} {number}"
    named = {"agency": agency, "batch": batch, "delivery": delivery, "correction": correction, "name": name}
    for statement in _FILLING.split(";"):
        if statement.strip():
            connection.execute(SQL(statement), named)  # type: ignore[arg-type]


_FILLING = f"""
insert into connect.delivery (delivery_id, agency_code, source, mode, origin, status, read_rows, started_at)
values (%(delivery)s, %(agency)s, 'oneroster', 'bulk', %(name)s, 'published', 1, now());
insert into connect.batch (batch_id, delivery_id, agency_code, source, entity, topic, expected_rows, published_at)
values (%(batch)s, %(delivery)s, %(agency)s, 'oneroster', 'orgs', 't', 1, now());
insert into connect.outbox (batch_id, batch_seq, record_id, version, op, data, sealed)
values (%(batch)s, 0, 'r', 1, 'upsert', '{{}}', 'secret');
insert into connect.refusal (refusal_id, agency_code, source, origin, code, problem)
values (gen_random_uuid(), %(agency)s, 'oneroster', 'o', 'c', 'p');
insert into connect.repair (delivery_id, entity, code, rows) values (%(delivery)s, 'orgs', 'c', 1);
insert into connect.cursor (agency_code, source, cursor, delivery_id)
values (%(agency)s, %(name)s, '{{}}', %(delivery)s);
insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, received, quarantined, judged_at)
values (%(batch)s, %(delivery)s, %(agency)s, 'oneroster', 'orgs', 'released', 1, 1, now());
insert into quality.rule_result (batch_id, rule_id, severity, dimension, scope, passed, evaluated, failed)
values (%(batch)s, 'r', 'critical', 'validity', 'row', false, 1, 1);
insert into quality.history (batch_id, rule_id, evidence) values (%(batch)s, 'r', '{{}}');
insert into quality.batch_score values (%(batch)s, 'all', 1, 0);
insert into quality.deadline (agency_code, due_at, opens_at, closes_at)
values (%(agency)s, now() + random() * interval '1 day', now(), now());
insert into quality.waiver (rule_id, agency_code, entity_table, batch_id, reason, granted_by, expires_on)
values (%(name)s, %(agency)s, '{TABLE}', %(batch)s, 'r', 'g', now());
insert into quality.stage_run (stage, source, agency_code, started_at, finished_at, rows)
values ('pull', 'oneroster', %(agency)s, now(), now(), 1);
with run as (insert into quality.reconciliation_run (started_at, scope) values (now(), 'recent') returning run_id)
insert into quality.reconciliation (run_id, agency_code, source, entity, step, expected, found, difference)
select run_id, %(agency)s, 'oneroster', 'orgs', 'landed', 1, 1, 0 from run;
insert into quality.failed_task (dag_id, task_id, run_id, failed_at, agency_code, error, cause_zh, cause_en, command)
values (%(name)s, 't', 'r', now(), %(agency)s, 'e', 'z', 'e', 'c');
insert into quality.alert (kind, key, agency_code, severity, title_zh, title_en, cause_zh, cause_en, command, runbook,
    opened_at, last_seen_at)
values ('k', %(name)s, %(agency)s, 'warning', 'z', 'e', 'z', 'e', 'c', 'r', now(), now());
insert into quarantine.entry (entity_table, batch_id, batch_seq, agency_code, record_id, stage, rule_ids, payload,
    sealed, identifiers)
values ('{TABLE}', %(batch)s, 0, %(agency)s, 'r', 'rule', '{{r}}', '{{"secret": 1}}', 'secret', 'secret');
with made as (
    insert into quarantine.decision (action, actor, role, reason, entries) values ('waive', 'a', 'officer', 'r', 1)
    returning decision_id
)
insert into quarantine.entry_decision (quarantine_id, decision_id, agency_code, status_before, status_after)
select q.quarantine_id, made.decision_id, q.agency_code, 'open', 'waived'
from made cross join quarantine.entry as q where q.batch_id = %(batch)s;
insert into quarantine.correction (correction_id, agency_code, source, origin, content_sha256, rows, taken)
values (%(correction)s, %(agency)s, 'oneroster', 'o', 'x', 1, 1);
insert into quarantine.correction_row (correction_id, seq, outcome, file, line)
values (%(correction)s, 1, 'taken', 'f', 1);
insert into ledger.disagreement (agency_code, owner_id, source_entity, record_id, reason, bank_says, recorded_at)
values (%(agency)s, 'o', 'deposits', %(name)s, 'r', 1, now());
insert into portal.upload (upload_id, agency_code, source, origin, content_sha256, bytes)
values (gen_random_uuid(), %(agency)s, 'oneroster', 'o', 'x', 1);
insert into audit.entry (actor, action, object, detail) values ('a', 'batch held to released', %(batch)s, '{{}}')
"""


@pytest.fixture(scope="module")
def house(settings: Settings) -> Settings:
    migrations.apply(settings)
    with connect(settings, OWNER) as connection:
        for agency, count in HOLDS.items():
            for number in range(count):
                fill(connection, agency, number)
    return settings


KEPT = sorted({policy.table for policy in rows.policies(load())})
REACHED = sorted(
    {
        (right.role, table)
        for table in KEPT
        for right in load().group_of("relations", table).rights
        if right.role in rows.SEES and right.privilege == "select"
    }
)


def count(connection: Connection[Any], table: str) -> int:
    found = connection.execute(SQL("select count(*) from {}").format(Identifier(*table.split(".")))).fetchone()
    return int(found[0]) if found else -1


@contextmanager
def as_role(settings: Settings, role: str, agency: str | None) -> Iterator[Connection[Any]]:
    """A connection as a desk makes it; ``agency`` None names nobody."""
    with connect(settings, role) as connection:
        if agency is not None:
            setting = "flyover.agency" if role == desk.ROLE else "flyover.officer_agencies"
            connection.execute("select set_config(%s, %s, true)", (setting, agency))
        yield connection
        connection.rollback()


@pytest.mark.parametrize("table", KEPT)
def test_the_house_sees_every_row(house: Settings, table: str) -> None:
    with connect(house, OWNER) as connection:
        found = count(connection, table)
    assert found == sum(HOLDS.values()) or (table == "audit.entry" and found > sum(HOLDS.values()))


@pytest.mark.parametrize(("role", "table"), [(r, t) for r, t in REACHED if r != "quality_officer"])
def test_a_desk_sees_the_rows_of_whom_it_names(house: Settings, role: str, table: str) -> None:
    for agency, held in [(None, 0), ("", 0), ("sch-nobody", 0), *HOLDS.items()]:
        with as_role(house, role, agency) as connection:
            assert count(connection, table) == held, agency


@pytest.mark.parametrize("view", DESK_VIEWS + OFFICER_VIEWS)
def test_a_view_shows_the_same(house: Settings, view: str) -> None:
    role = "flyover_officer" if view.startswith("officer") else desk.ROLE
    seen = {}
    for agency in (None, "", "sch-nobody", *HOLDS):
        with as_role(house, role, agency) as connection:
            seen[agency] = count(connection, f"portal.{view}")
    north = 2 if view == "officer_trail" else 1
    south = 1 if view == "officer_waiting" else 2 * north
    assert seen == {None: 0, "": 0, "sch-nobody": 0, NORTH: north, SOUTH: south}


def test_a_desk_hands_nothing_in_for_another(house: Settings) -> None:
    with as_role(house, desk.ROLE, NORTH) as connection, pytest.raises(InsufficientPrivilege, match="row-level"):
        connection.execute(
            "insert into portal.upload (upload_id, agency_code, source, origin, content_sha256, bytes) "
            "values (gen_random_uuid(), %s, 's', 'o', 'x', 1)",
            (SOUTH,),
        )


def test_a_condition_of_the_askers_own_sees_no_hidden_row(house: Settings) -> None:
    """A function in a condition, tried on every row before the policy, would carry other agencies' rows out."""
    with as_role(house, desk.ROLE, NORTH) as connection, pytest.raises(DatabaseError) as refused:
        connection.execute("select 1 from connect.delivery where origin::integer = 1")
    assert NORTH in str(refused.value)
    assert SOUTH not in str(refused.value)
    for role, agency in ((desk.ROLE, NORTH), ("flyover_officer", NORTH)):
        with as_role(house, role, agency) as connection:
            planned = connection.execute(
                "explain (format json) select batch_id from quality.batch where status like 'r%'"
            )
            assert "agency_code" in json.dumps(planned.fetchone())


# officers' own logins -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def logins(house: Settings) -> Iterator[dict[str, str]]:
    """Login and password, by account; roles are the whole server's, so they go with the module."""
    made = {}
    for name, agencies in (("lin.north", [NORTH]), ("mei-all", []), ("wu.nobody", ["sch-nobody"])):
        accounts.add(house, name, "officer", agencies, days=1)
        made[name] = accounts.let_in(house, name)
    yield {name: json.dumps(pair) for name, pair in made.items()}
    for name in made:
        accounts.revoke(house, name)


@contextmanager
def opened(house: Settings, pair: str) -> Iterator[Connection[Any]]:
    login, password = json.loads(pair)
    secrets = replace(house.secrets, pg_passwords={login: password})
    with connect(replace(house, secrets=secrets), login) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("table", [t for r, t in REACHED if r == "quality_officer"])
def test_an_officers_login_sees_their_agencies_and_the_house_login_all(
    house: Settings, logins: dict[str, str], table: str
) -> None:
    with connect(house, "quality_officer") as connection:
        assert count(connection, table) == 3
    for name, held in (("lin.north", 1), ("mei-all", 3), ("wu.nobody", 0)):
        with opened(house, logins[name]) as connection:
            assert count(connection, table) == held, name


def test_no_setting_widens_what_a_login_sees(house: Settings, logins: dict[str, str]) -> None:
    with opened(house, logins["lin.north"]) as connection:
        connection.execute("select set_config('flyover.officer_agencies', '*', false)")
        connection.execute("select set_config('flyover.agency', %s, false)", (SOUTH,))
        assert count(connection, "quality.batch") == 1
        assert connection.execute("select distinct agency_code from quality.scorecard").fetchall() == [(NORTH,)]
        assert connection.execute("select distinct agency_code from quality.feed_standing").fetchall() == [(NORTH,)]
    for trick in (
        "set role flyover_officer", "set role quality_officer", "set session authorization quality_officer",
        "set row_security = off; select * from quality.batch", "alter role quality_officer password 'x'",
        "select * from portal.officer", "update portal.officer set agencies = null",
        "select payload from quarantine.entry", f"select * from quarantine.{TABLE}", "select * from core.dim_learner",
        "select pg_advisory_lock(7003302)",
        "create temporary table t (n integer)",
    ):  # fmt: skip
        with opened(house, logins["lin.north"]) as connection:
            connection.execute("set transaction read write")
            with pytest.raises(DatabaseError) as refused:
                connection.execute(trick.encode())
        assert isinstance(refused.value, InsufficientPrivilege) or "does not exist" in str(refused.value), trick


def test_a_login_is_no_difference_and_ends_with_the_account(house: Settings, logins: dict[str, str]) -> None:
    with connect(house, OWNER) as connection:
        assert rights.differences(connection) == []
    accounts.add(house, "temp", "officer", [NORTH], days=1)
    pair = json.dumps(accounts.let_in(house, "temp"))
    with opened(house, pair) as connection:
        assert count(connection, "quality.batch") == 1
        accounts.revoke(house, "temp")
        with pytest.raises(InsufficientPrivilege):
            count(connection, "quality.batch")
    with pytest.raises(SystemTrouble, match="does not answer"), opened(house, pair):
        pass


def test_the_judge_and_the_sink_pay_nothing_for_it(house: Settings) -> None:
    with connect(house, "flyover_judge") as connection:
        connection.execute("set enable_seqscan = off")
        plan = connection.execute(
            f"explain (format json, costs off) select * from released.{TABLE} where _batch_id = gen_random_uuid()"
        ).fetchone()
        update = connection.execute(
            f"explain (format json, costs off) update quality.batch set released = 1 where batch_id = '{uuid.uuid4()}'"
        ).fetchone()
    for planned in (json.dumps(plan), json.dumps(update)):
        assert "session_user" not in planned
        assert "own_agencies" not in planned
    assert "batch_pkey" in json.dumps(update)
    evidence.tell(f"rows: {len(KEPT)} tables kept by agency, {len(REACHED)} pairs of role and table tried")
