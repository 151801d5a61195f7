"""Who is told what: once, grouped, again when it lasts, once more when it is over; and never a personal value."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys

import pytest

from alerting import config, failures, outgoing, state
from alerting.kinds import known
from alerting.watch import watch
from connectors import credentials
from expectations.judging import judge
from pipeline.db import connect
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT, Settings
from tests import mailserver, webserver
from tests.integration.alerting.watched import (
    CANARY,
    LATER,
    NOW,
    decide,
    execute,
    fail,
    hold,
    letters_to,
    open_alerts,
    org,
    tell,
)
from tests.landed import Landing, Line
from tests.mailserver import text_of
from tests.webserver import Reply

pytestmark = pytest.mark.usefixtures("no_alerts")


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


def test_group_whose_addresses_are_refused_keeps_no_other_waiting(settings: Settings, school: Landing) -> None:
    batch = hold(settings, school)
    fail(settings)
    server = mailserver.new()
    server.refused.add("engineer@example.org")
    with server.running():
        tell(settings, server)
        done = watch(settings, NOW)
        assert (done.sent, done.waiting) == (2, 1)
        assert outgoing.deliver(settings, config.load(settings), NOW, at_once=True).waiting == 1
        server.refused.clear()
        assert outgoing.deliver(settings, config.load(settings), NOW, at_once=True) == outgoing.Sent(1, 0)
    decide(settings, batch)


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


def test_commands_list_show_acknowledge_resolve_and_try(settings: Settings) -> None:
    def flyover(*arguments: str, typed: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "alerts", *arguments],
            cwd=CHECKOUT,
            env={**os.environ, "FLYOVER_STATE": str(settings.state_dir), "USER": "tester"},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    fail(settings)
    watch(settings, NOW)
    number = str(open_alerts(settings, "task_failed")["build__warehouse.build_core"].alert_id)
    listed = json.loads(flyover("list", "--json")[1])
    assert {alert["alert_id"]: alert["state"] for alert in listed}[int(number)] == "open"
    assert json.loads(flyover("show", number)[1])["runbook"] == "docs/runbooks/task_failed.md"
    assert flyover("ack", number, "--reason", "on it")[0] == 0
    acknowledged = state.show(settings, int(number))
    assert (acknowledged.state, acknowledged.acked_by, acknowledged.ack_reason) == ("acknowledged", "tester", "on it")
    assert flyover("resolve", number, "--reason", "gone")[0] == 0
    assert state.show(settings, int(number)).resolved_by == "tester"
    assert flyover("show", "0")[0] == 2
    assert "docs/how-to/alerts.md" in flyover("test")[1]
    server = mailserver.new()
    tell(settings, server)
    assert flyover("secret", "mail_password", typed="s\n")[0] == 0
    assert config.secret(settings, "mail_password") == "s"
    assert flyover("secret", "other_key", typed="s")[0] == 2
    assert flyover("test", "--to", "officers")[0] == 3
    fail(settings, task="another")
    watch(settings, NOW + LATER)
    assert flyover("send")[0] == 3
    with server.running():
        assert flyover("test", "--to", "officers")[0] == 0
        assert flyover("send")[0] == 0
    assert "测试" in letters_to(server, "officer@example.org")[0]["Subject"]
    assert "another" in text_of(letters_to(server, "engineer@example.org")[0])


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
