"""Each condition opens its alert, lasts, and ends it; the late list equals the calendar; nothing is told twice."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from alerting import config, failures, state
from alerting.kinds import known
from alerting.state import Alert
from alerting.watch import watch
from connectors import calendar, credentials, refusals, registry
from expectations.decisions import batches
from expectations.decisions.people import Actor
from expectations.judging import judge
from pipeline.db import connect
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import Settings
from tests import mailserver, webserver
from tests.landed import Landing, Line
from tests.mailserver import MailServer, text_of
from tests.webserver import Reply

NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
LATER = dt.timedelta(minutes=10)
SCHOOL = "sch-lishui"
CANARY = "339901188001010018"


def org(number: int, **other: Any) -> dict[str, Any]:
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school", "division_code": "330106", **other}


@pytest.fixture(autouse=True)
def _fresh(settings: Settings) -> Iterator[None]:
    """No alert and no setting of another test."""
    yield
    execute(settings, "truncate quality.alert_told, quality.alert_message, quality.alert, quality.failed_task")
    (settings.state_dir / config.FILE).unlink(missing_ok=True)


@pytest.fixture
def school(settings: Settings) -> Landing:
    return Landing(settings, "oneroster", SCHOOL)


def execute(settings: Settings, statement: str, *parameters: Any) -> None:
    with connect(settings, "flyover_owner") as connection:
        connection.execute(statement, parameters)  # type: ignore[arg-type]


def open_alerts(settings: Settings, kind: str) -> dict[str, Alert]:
    return {alert.key: alert for alert in state.listed(settings) if alert.kind == kind}


def tell(settings: Settings, server: MailServer, **more: Any) -> None:
    """Let engineers, officers and the schools' owner be told by mail."""
    document = {
        "mail": {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "flyover@example.org"},
        "recipients": {
            "engineers": {"mail": ["engineer@example.org"]},
            "officers": {"mail": ["officer@example.org"], "language": "zh"},
            "education-bureau-liaison": {"mail": ["liaison@example.org"], "language": "en"},
        },
        **more,
    }
    (settings.state_dir / config.FILE).write_text(json.dumps(document))


def fail(settings: Settings, task: str = "build_core", error: str = "model x failed") -> None:
    failures.note(
        settings,
        {
            "dag_id": "build__warehouse", "task_id": task, "run_id": "r", "failed_at": NOW.isoformat(), "error": error,
            "cause_zh": "原因", "cause_en": "a cause", "command": "./flyover status",
        },
    )  # fmt: skip


def letters_to(server: MailServer, address: str) -> list[Any]:
    return [letter for letter, to in zip(server.letters, server.recipients, strict=True) if to == [address]]


def hold(settings: Settings, school: Landing) -> uuid.UUID:
    """A batch that a table rule holds, as the judge leaves it."""
    batch = school.deliver({"orgs": [org(1)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    execute(
        settings,
        "update quality.batch set status = 'held', held = released, released = 0 where batch_id = %s",
        batch,
    )
    execute(
        settings,
        "insert into quality.rule_result (batch_id, rule_id, severity, dimension, scope, passed, evaluated, failed) "
        "values (%s, 'oneroster__orgs.volume', 'critical', 'completeness', 'table', false, 1, 1)",
        batch,
    )
    return batch


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


def decide(settings: Settings, batch: uuid.UUID) -> None:
    batches.refuse(settings, batch, reason="wrong file", actor=Actor("officer"))


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

    monkeypatch.setitem(__import__("alerting.conditions", fromlist=["x"]).QUESTIONS, "task_failed", broken)
    watch(settings, NOW + LATER)
    assert open_alerts(settings, "task_failed")


def test_one_message_a_group_once_and_all_clear(settings: Settings, school: Landing) -> None:
    batch = hold(settings, school)
    fail(settings)
    fail(settings, task="other")
    with mailserver.new().running() as server:
        tell(settings, server)
        assert watch(settings, NOW).sent == 3
        (engineers,) = letters_to(server, "engineer@example.org")
        (officers,) = letters_to(server, "officer@example.org")
        (owner,) = letters_to(server, "liaison@example.org")
        text = text_of(engineers)
        assert text.count("model x failed") == 4, "two tasks, in two languages, in one letter"
        assert "docs/runbooks/task_failed.md" in text
        assert str(batch) not in text
        assert f"./flyover batches show {batch}" in text_of(officers)
        assert "was due by" not in text_of(officers)
        assert "oneroster__orgs.volume" in text_of(owner)
        assert "docs/runbooks/batch_held.md" in text_of(owner, "html")
        assert not watch(settings, NOW + LATER), "nothing changed, nothing is sent"
        decide(settings, batch)
        failures.succeeded(settings, "build__warehouse", "other")
        watch(settings, NOW + 2 * LATER)
        assert "已恢复" in letters_to(server, "officer@example.org")[1]["Subject"]
        assert "All clear" in letters_to(server, "engineer@example.org")[1]["Subject"]
        assert not watch(settings, NOW + 3 * LATER)


def test_reminder_comes_after_its_time_until_someone_acknowledges(settings: Settings) -> None:
    fail(settings)
    day = dt.timedelta(hours=24)
    with mailserver.new().running() as server:
        tell(settings, server, thresholds={"core_behind_minutes": 10**6})
        watch(settings, NOW)
        before = len(letters_to(server, "engineer@example.org"))
        watch(settings, NOW + day)
        reminded = letters_to(server, "engineer@example.org")
        assert len(reminded) == before + 1
        assert "Still waiting" in reminded[-1]["Subject"]
        for alert in state.listed(settings):
            state.acknowledge(settings, alert.alert_id, reason="on it", by="engineer", now=NOW + day)
        watch(settings, NOW + day + LATER)
        watch(settings, NOW + 3 * day)
        assert "model x failed" not in "".join(map(text_of, letters_to(server, "engineer@example.org")[before + 1 :]))


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


def test_server_that_is_away_gets_its_letters_once_when_it_is_back(settings: Settings) -> None:
    fail(settings)
    server = mailserver.new()
    tell(settings, server)
    first = watch(settings, NOW)
    assert first.sent == 0
    assert first.waiting > 0
    assert watch(settings, NOW + dt.timedelta(seconds=1)).sent == 0
    with server.running():
        assert watch(settings, NOW + LATER).sent == first.waiting
        assert watch(settings, NOW + 2 * LATER).waiting == 0
    (letter,) = letters_to(server, "engineer@example.org")
    assert text_of(letter).count("model x failed") == 2


def test_what_is_too_much_for_an_hour_comes_together_later(settings: Settings) -> None:
    with mailserver.new().running() as server:
        tell(settings, server, most_an_hour=2)
        for number in range(5):
            fail(settings, task=f"task_{number}")
            watch(settings, NOW + number * dt.timedelta(minutes=1))
        assert len(letters_to(server, "engineer@example.org")) == 2
        watch(settings, NOW + dt.timedelta(minutes=62))
        (late,) = letters_to(server, "engineer@example.org")[2:]
        assert [f"task_{number}" in text_of(late) for number in range(5)] == [False, False, True, True, True]


def test_webhook_is_told_beside_the_mail(settings: Settings) -> None:
    fail(settings)
    credentials.put(settings, config.OURS, "duty_key", "k")
    with webserver.serving(lambda asked: Reply(200)) as hook, mailserver.new().running() as server:
        tell(
            settings,
            server,
            webhooks={"duty": {"url": hook.url}},
            recipients={"engineers": {"mail": ["engineer@example.org"], "webhooks": ["duty"]}},
        )
        watch(settings, NOW)
        watch(settings, NOW + LATER)
    (asked,) = hook.asked
    failed = [alert for alert in json.loads(asked.body)["opened"] if alert["kind"] == "task_failed"]
    assert [alert["key"] for alert in failed] == ["build__warehouse.build_core"]
    assert failed[0]["runbook"].endswith(known()["task_failed"].runbook)
    assert len(server.letters) == 1


def test_wrong_alerting_file_stops_no_alert(settings: Settings) -> None:
    fail(settings)
    (settings.state_dir / config.FILE).write_text("recipients: {engineers: {sms: [1]}}")
    with pytest.raises(ConfigurationError, match=r"alerting\.yml"):
        watch(settings, NOW)
    assert open_alerts(settings, "task_failed")


def test_no_message_holds_a_personal_value(settings: Settings) -> None:
    """Rows of every kind that hold the canary, in every place that a question looks at."""
    agency = Landing(settings, "oneroster", "sch-zhoushan")
    rows = [org(n, name=CANARY, type=CANARY) for n in range(25)]
    agency.deliver({"orgs": [*rows, Line(undecodable=True, record_id=CANARY)]})
    judge.judge_ready(settings, "oneroster")
    execute(settings, "update quarantine.entry set detail = %s where agency_code = 'sch-zhoushan'", f"value {CANARY}")
    now = dt.datetime.now(dt.UTC)
    with mailserver.new().running() as server:
        tell(settings, server)
        watch(settings, now)
        assert "quarantine_share" in "".join(map(text_of, server.letters))
    assert server.letters
    assert CANARY not in "".join(letter.as_string() + text_of(letter) for letter in server.letters)
    with connect(settings, "flyover_owner") as connection:
        kept = connection.execute("select a::text from quality.alert as a").fetchall()
        kept += connection.execute("select m::text from quality.alert_message as m").fetchall()
    assert CANARY not in str(kept)
