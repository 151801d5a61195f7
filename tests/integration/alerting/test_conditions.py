"""Each condition opens its alert, lasts, and ends it; the late list equals the calendar."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import replace
from typing import Any

import pytest

from alerting import failures, state
from alerting.questions import QUESTIONS
from alerting.watch import watch
from connectors import calendar, refusals, registry
from expectations.judging import judge
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import Settings
from tests.integration.alerting.watched import (
    CANARY,
    LATER,
    NOW,
    SCHOOL,
    decide,
    execute,
    fail,
    hold,
    open_alerts,
    org,
)
from tests.landed import Landing, Line

pytestmark = pytest.mark.usefixtures("no_alerts")


def test_held_batch_is_told_at_once_and_ends_with_its_decision(settings: Settings, school: Landing) -> None:
    batch = hold(settings, school)
    watch(settings, NOW)
    alert = open_alerts(settings, "batch_held")[str(batch)]
    assert (alert.agency_code, alert.source, alert.entity, alert.severity) == (SCHOOL, "oneroster", "orgs", "critical")
    assert "oneroster__orgs.volume" in alert.cause_zh
    assert "oneroster__orgs.volume" in alert.cause_en
    assert alert.command == f"./flyover batches show {batch}"
    decide(settings, batch)
    watch(settings, NOW + LATER)
    assert open_alerts(settings, "batch_held") == {}
    ended = state.show(settings, alert.alert_id)
    assert (ended.resolved_at, ended.resolved_by, ended.opened_at) == (NOW + LATER, None, NOW)


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(2026, 11, 22, 21, tzinfo=dt.UTC),  # 05:00 in Zhejiang: before most deadlines
        dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC),  # noon of a school day
        dt.datetime(2027, 2, 10, 4, tzinfo=dt.UTC),  # between terms
    ],
)
def test_late_list_equals_the_calendar(settings: Settings, moment: dt.datetime) -> None:
    agencies = registry.load_all(settings.agencies_dir)
    late = {f.agency.agency_code for f in calendar.feeds(settings, agencies, moment) if f.late_by is not None}
    watch(settings, moment)
    assert set(open_alerts(settings, "feed_late")) == late
    assert bool(late) == (moment.hour == 4), "else this test would hold for empty lists alone"


def test_late_feed_is_over_once_it_delivered(settings: Settings) -> None:
    noon = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)
    watch(settings, noon)
    alert = open_alerts(settings, "feed_late")["sch-hangzhou"]
    assert "2026-11-23 06:00" in alert.cause_en
    execute(
        settings,
        "insert into connect.delivery (delivery_id, agency_code, source, mode, origin, status, read_rows, started_at, "
        "staged_at) values (gen_random_uuid(), 'sch-hangzhou', 'oneroster', 'bulk', 'x', 'staged', 0, %s, %s)",
        noon,
        noon,
    )
    watch(settings, noon + LATER)
    assert "sch-hangzhou" not in open_alerts(settings, "feed_late")


def test_imbalance_names_step_entity_number_and_batches(settings: Settings) -> None:
    batch = uuid.uuid4()
    execute(settings, "insert into quality.reconciliation_run (started_at, scope) values (now(), 'recent')")
    insert = (
        "insert into quality.reconciliation (run_id, day, agency_code, source, entity, step, expected, found, "
        "difference, note, batches) select max(run_id), '2026-11-22', 'sch-lishui', 'oneroster', 'users', 'landed', "
        "%s, %s, %s, %s, array[%s]::uuid[] from quality.reconciliation_run"
    )
    execute(settings, insert, 10, 7, 3, "3 missing", batch)
    watch(settings, NOW)
    alert = open_alerts(settings, "imbalance")["sch-lishui/oneroster.users/landed"]
    for said in ("oneroster.users", "3 records", "expected 10, found 7", "3 missing", str(batch), "outbox → landing"):
        assert said in alert.cause_en
    assert str(batch) in alert.cause_zh
    execute(settings, "insert into quality.reconciliation_run (started_at, scope) values (now(), 'recent')")
    execute(settings, insert, 10, 10, 0, None, batch)
    watch(settings, NOW + LATER)
    assert open_alerts(settings, "imbalance") == {}


def test_failed_task_stands_until_it_succeeds(settings: Settings) -> None:
    fail(settings)
    watch(settings, NOW)
    alert = open_alerts(settings, "task_failed")["build__warehouse.build_core"]
    assert alert.command == "./flyover status"
    assert "model x failed" in alert.cause_en
    watch(settings, NOW + LATER)
    assert open_alerts(settings, "task_failed")
    failures.succeeded(settings, "build__warehouse", "build_core")
    watch(settings, NOW + 2 * LATER)
    assert open_alerts(settings, "task_failed") == {}


def test_failure_told_while_the_database_was_away_is_brought_in(settings: Settings) -> None:
    away = replace(settings, pg_port=1)
    fail(away)
    fail(away, task="other")
    with failures.waiting_file(settings.state_dir).open("a") as out:
        out.write('{"dag_id": "cut o')
    watch(settings, NOW)
    assert len(open_alerts(settings, "task_failed")) == 2
    assert failures.waiting_file(settings.state_dir).read_text() == ""


def test_stopped_feed(settings: Settings) -> None:
    execute(settings, "update connect.contract set stopped_because = 'type: changed' where entity = 'orgs'")
    watch(settings, NOW)
    assert "type: changed" in open_alerts(settings, "feed_stopped")["oneroster.orgs"].cause_en
    execute(settings, "update connect.contract set stopped_because = null where entity = 'orgs'")
    watch(settings, NOW + LATER)
    assert open_alerts(settings, "feed_stopped") == {}


def test_refused_delivery_is_over_with_the_next_one(settings: Settings) -> None:
    now = dt.datetime.now(dt.UTC)
    agency = registry.load_all(settings.agencies_dir)["ou-ningbo"]
    refusals.write(settings, agency, "students.zip", None, BadInput(f"holds {CANARY}", code="refused.not_a_zip"))
    watch(settings, now)
    (alert,) = open_alerts(settings, "delivery_refused").values()
    assert "students.zip" in alert.cause_en
    assert "refused.not_a_zip" in alert.cause_en
    assert CANARY not in json.dumps(alert.detail) + alert.cause_en + alert.cause_zh
    execute(
        settings,
        "insert into connect.delivery (delivery_id, agency_code, source, mode, origin, status, read_rows, started_at) "
        "values (gen_random_uuid(), 'ou-ningbo', 'oulad', 'bulk', 'x', 'staged', 0, now())",
    )
    watch(settings, now + LATER)
    assert open_alerts(settings, "delivery_refused") == {}


def test_undecodable_bytes(settings: Settings, school: Landing) -> None:
    school.deliver({"orgs": [Line(undecodable=True, record_id="x")]})
    now = dt.datetime.now(dt.UTC)
    watch(settings, now)
    assert "1 messages of topic t" in open_alerts(settings, "undecodable")["t"].cause_en
    watch(settings, now + dt.timedelta(days=8))
    assert open_alerts(settings, "undecodable") == {}


def test_quarantine_past_its_share_ends_with_decisions(settings: Settings) -> None:
    agency = Landing(settings, "oneroster", "sch-hangzhou")
    batch = agency.deliver({"orgs": [org(n, **({"type": "scool"} if n < 25 else {})) for n in range(60)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    now = dt.datetime.now(dt.UTC)
    watch(settings, now)
    alert = open_alerts(settings, "quarantine_share")["sch-hangzhou/oneroster.orgs"]
    assert "25 of 60 rows (41.7 %)" in alert.cause_en
    assert "oneroster__orgs.type_code" in alert.cause_en
    execute(settings, "update quarantine.entry set status = 'returned' where batch_id = %s", batch)
    watch(settings, now + LATER)
    assert open_alerts(settings, "quarantine_share") == {}


def test_waiver_about_to_lapse_is_for_information(settings: Settings) -> None:
    agency = Landing(settings, "oneroster")
    batch = agency.deliver({"orgs": [org(1), org(2, type="scool")]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    day = NOW.date() + dt.timedelta(days=5)
    execute(
        settings,
        "update quarantine.entry set status = 'waived', waiver_expires_on = %s where batch_id = %s",
        day,
        batch,
    )
    execute(
        settings,
        "insert into quality.waiver (rule_id, agency_code, entity_table, batch_id, reason, granted_by, expires_on) "
        "values ('oneroster__orgs.volume', %s, 'oneroster__orgs', %s, 'r', 'w', %s)",
        agency.agency,
        batch,
        day,
    )
    watch(settings, NOW)
    rows, rule = sorted(
        open_alerts(settings, "waiver_lapsing").values(), key=lambda alert: "rule" in alert.cause_en[:20]
    )
    assert rows.severity == "info"
    assert str(day) in rows.cause_zh
    assert "waiver of 1 rows of oneroster.orgs" in rows.cause_en
    assert "waiver of rule oneroster__orgs.volume" in rule.cause_en
    watch(settings, NOW - dt.timedelta(days=30))
    assert open_alerts(settings, "waiver_lapsing") == {}


def test_core_that_is_behind_for_long(settings: Settings, school: Landing) -> None:
    school.deliver({"orgs": [org(7)]})
    judge.judge_ready(settings, "oneroster")
    watch(settings, NOW)
    assert open_alerts(settings, "core_behind") == {}
    execute(settings, "update quality.batch set judged_at = now() - interval '2 hours' where status = 'released'")
    watch(settings, NOW + LATER)
    assert "120 minutes" in open_alerts(settings, "core_behind")["core"].cause_en
    execute(settings, "update quality.batch set modelled_at = now() where status = 'released'")
    watch(settings, NOW + 2 * LATER)
    assert open_alerts(settings, "core_behind") == {}


def test_question_that_cannot_be_asked_ends_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(settings)
    watch(settings, NOW)

    def broken(*_: Any) -> Any:
        raise ConfigurationError("away")

    monkeypatch.setitem(QUESTIONS, "task_failed", broken)
    watch(settings, NOW + LATER)
    assert open_alerts(settings, "task_failed")


def test_alert_resolved_by_hand_opens_only_after_it_had_ended(settings: Settings, school: Landing) -> None:
    batch = hold(settings, school)
    watch(settings, NOW)
    alert = open_alerts(settings, "batch_held")[str(batch)]
    state.resolve(settings, alert.alert_id, reason="known", by="officer", now=NOW)
    watch(settings, NOW + LATER)
    assert str(batch) not in open_alerts(settings, "batch_held")
    with pytest.raises(BadInput, match="resolved already"):
        state.acknowledge(settings, alert.alert_id, reason="x", by="y", now=NOW)
    decide(settings, batch)
    watch(settings, NOW + 2 * LATER)
    execute(
        settings, "update quality.batch set status = 'held', held = refused, refused = 0 where batch_id = %s", batch
    )
    watch(settings, NOW + 3 * LATER)
    assert open_alerts(settings, "batch_held")[str(batch)].alert_id != alert.alert_id
    decide(settings, batch)
