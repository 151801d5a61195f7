"""Landing by month: rows that came without a month get one, and what retention drops no one misses."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

import pytest

from alerting.reconcile.run import reconcile
from connectors import months
from expectations.judging import judge
from pipeline import migrations
from pipeline.db import InsufficientPrivilege, connect
from pipeline.settings import CHECKOUT, Settings
from stack.supervisor import clean_environment
from tests.landed import Landing, Line

AGENCY = "sch-lishui"
OLD, LATER = dt.date(2025, 1, 15), dt.date(2025, 3, 15)
LATEST = """
select distinct on (_record_id) _record_id, _version, name, _is_deleted from released.oneroster__orgs
order by _record_id, _version desc
"""
MANIFEST = """
insert into connect.outbox (batch_id, batch_seq, record_id, version, op)
select _batch_id, _batch_seq, _record_id, _version, 'upsert' from landing.oneroster__orgs where _batch_id = %s
"""
BY_MONTH = (
    "select c.relname, count(*) from landing.oneroster__orgs as l join pg_class as c on l.tableoid = c.oid group by 1"
)


def ask(settings: Settings, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connect(settings, "flyover_owner") as connection:
        done = connection.execute(query, parameters)
        return done.fetchall() if done.description else []


def org(number: int, version: int = 1, **other: Any) -> Line:
    known = {"type": "school", "division_code": "331102", "urban_rural_code": "111", "ownership": "public"}
    values = {"sourced_id": f"o{number}", "name": f"School {number} v{version}", "identifier": f"2133{number:06d}"}
    return Line({**known, **values, **other}, version=version)


def deliver(settings: Settings, on: dt.date, lines: list[Line]) -> None:
    """Land, judge and take into core, as if all that had been on another day."""
    batch = Landing(settings, "oneroster", AGENCY).deliver({"orgs": lines})["orgs"]
    ask(settings, MANIFEST, batch)
    judge.judge_ready(settings, "oneroster")
    ask(settings, "update landing.oneroster__orgs set _landed_at = %s where _batch_id = %s", on, batch)
    ask(settings, "update quality.batch set judged_at = %s, modelled_at = %s where batch_id = %s", on, on, batch)
    assert ask(settings, "select status from quality.batch where batch_id = %s", batch) == [("released",)]


@pytest.fixture(scope="module")
def history(settings: Settings) -> Settings:
    """Ten schools; five change two months later, one of these is deleted; one more change is of today."""
    deliver(settings, OLD, [org(n) for n in range(10)] + [org(10, type="scool")])
    deliver(settings, LATER, [*(org(n, 2) for n in range(4)), Line({"sourced_id": "o4"}, version=2, deleted=True)])
    today = dt.datetime.now(dt.UTC).date()
    deliver(settings, today, [org(0, 3), org(9, 2)])
    return settings


def test_rows_without_a_month_are_seen_and_get_one(history: Settings) -> None:
    before = ask(history, LATEST)
    assert dict(ask(history, BY_MONTH))["oneroster__orgs__default"] == 16
    with pytest.raises(InsufficientPrivilege), connect(history, "flyover_sink") as sink:
        sink.execute("create table landing.oneroster__orgs__2025_01 partition of landing.oneroster__orgs default")
    migrations.apply(history)  # an upgrade meets such rows, too
    assert months.make_ahead(history) == {"oneroster__orgs": 16}
    assert months.make_ahead(history) == {}, "nothing is left to do"
    found = dict(ask(history, BY_MONTH))
    assert (found["oneroster__orgs__2025_01"], found["oneroster__orgs__2025_03"]) == (11, 5)
    assert "oneroster__orgs__default" not in found
    assert ask(history, LATEST) == before
    made = ask(history, "select count(*) from pg_inherits where inhparent = 'landing.oneroster__orgs'::regclass")
    assert made == [(2 + months.AHEAD + 1 + 1,)], "two old months, this one, those to come, the default"


def test_what_may_go_is_shown_and_dropped_and_no_one_misses_it(history: Settings) -> None:
    assert {month.may_go for month in months.survey(history)} == {0}, "everything is kept unless someone says otherwise"
    before = ask(history, LATEST)
    steps = [(line.step, line.expected, line.difference) for line in reconcile(history, whole=True).lines]
    assert {"landed", "booked", "released"} <= {step for step, expected, _ in steps if expected}

    env = {**clean_environment(), "FLYOVER_STATE": str(history.state_dir), "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "retention", "--months", "6", "--apply", "--yes", "--json"],
        cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert [(m["month"], m["rows"], m["dropped"], m["of batches"]) for m in told["months"]] == [("2025-01", 11, 5, 1)]
    assert told["lost"]

    assert ask(history, LATEST) == before
    left = ask(history, "select _record_id, _version from landing.oneroster__orgs where _landed_at < '2025-02-01'")
    assert sorted(left) == sorted((f"o{n}", 1) for n in range(5, 11)), "o9's change is too fresh, o10 can be mended"
    after = reconcile(history, whole=True)
    assert [(line.step, line.expected, line.difference) for line in after.lines] == steps
    assert after.imbalances == ()
    assert {month.may_go for month in months.survey(history, 6)} == {0}


def test_a_month_of_which_nothing_is_left_goes_whole(history: Settings) -> None:
    ask(history, "delete from quarantine.entry")
    deliver(history, LATER, [org(n, 4) for n in range(11)])
    before = ask(history, LATEST)
    ask(history, "delete from landing.oneroster__orgs where _record_id = 'o10' and _version = 1")
    gone = {month.partition for month in months.forget(history, 6)}
    assert "oneroster__orgs__2025_01" in gone
    assert ask(history, "select to_regclass('landing.oneroster__orgs__2025_01')") == [(None,)]
    assert ask(history, LATEST) == before
