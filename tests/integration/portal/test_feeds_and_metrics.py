"""How feeds stand, by terminal, at the officer's desk and for Prometheus: one province, three ways to say it."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import httpx
import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from alerting import feeds, state, watch
from alerting.feeds import Status
from cli import books, main
from connectors import calendar, producer, pull, registry
from pipeline import backlog, contracts
from pipeline.db import connect
from pipeline.settings import CHECKOUT, Settings
from portal.metrics import House
from release import build
from tests import desk, officers, people
from tests.integration.portal.conftest import RunningDesk
from tests.integration.portal.test_officer import machine, seated
from tests.officers import OURS, THEIRS, Province

SENDER = "sch-hangzhou"
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True)
class Furnished:
    """A province with rows kept back and a batch on hold, one delivery landed, and one that waits on the topics."""

    province: Province
    rows: int
    """on the topics"""


@pytest.fixture(scope="module")
def furnished(running: RunningDesk, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    province = officers.furnish(running.settings)
    settings, sender = running.settings, desk.known(running.settings, SENDER)
    bundle = people.school_bundle(tmp_path_factory.mktemp("school") / "bundle", people.make(6))
    desk.carry(settings, sender, bundle)
    orgs = bundle / "orgs.csv"
    orgs.write_text(orgs.read_text(encoding="utf-8").replace("测试", "改名"), encoding="utf-8")
    waiting = pull.pull(settings, sender, bundle)
    producer.publish(settings, source="oneroster")
    return Furnished(province, sum(batch.expected_rows for batch in waiting.batches))


def standing(settings: Settings) -> Mapping[str, Status]:
    known = registry.load_all(settings.agencies_dir)
    return {each.agency.agency_code: each for each in feeds.statuses(settings, known, dt.datetime.now(dt.UTC))}


def scrape(running: RunningDesk) -> Samples:
    answer = httpx.get(f"{running.url}/metrics", timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return read(answer.text)


def read(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_a_feed_says_where_it_stands(running: RunningDesk, furnished: Furnished) -> None:
    found = standing(running.settings)
    assert furnished.rows > 0
    sender = found[SENDER]
    assert (sender.standing.place, sender.standing.changed_rows) == ("published", furnished.rows)
    assert sender.standing.rows_to_land == furnished.rows == sender.lag_messages
    assert sender.standing.to_land_since is not None
    assert sender.standing.landing_minutes is not None, "its first delivery has landed"
    assert sender.dags["ingest"] == f"ingest__oneroster__{SENDER}"
    ours = found[OURS]
    assert (ours.standing.place, ours.standing.held_batches) == ("held", 1)
    assert ours.standing.open_rows == furnished.province.rows + 1
    assert ours.standing.core_holds is None, "nothing was built"
    assert found["stats-zj"].standing == feeds.Standing(), "it never sent anything"
    assert found["stats-zj"].lag_messages == 0


def test_late_comes_first_and_is_the_calendars_word(running: RunningDesk, furnished: Furnished) -> None:
    known = registry.load_all(running.settings.agencies_dir)
    noon = dt.datetime.now(dt.UTC) + dt.timedelta(days=40)  # by then everyone with a deadline is late
    told = [(each.agency.agency_code, each.feed.state) for each in feeds.statuses(running.settings, known, noon)]
    assert told == [(each.agency.agency_code, each.state) for each in calendar.feeds(running.settings, known, noon)]
    states = [state for _, state in told]
    assert "late" in states
    assert states == sorted(states, key=lambda state: state != "late")


def test_broker_that_is_away_takes_only_the_lag(running: RunningDesk, furnished: Furnished) -> None:
    found = standing(replace(running.settings, kafka_bootstrap="127.0.0.1:1"))
    assert {each.lag_messages for each in found.values()} == {None}
    assert found[OURS].standing.held_batches == 1


def test_command_shows_the_same(running: RunningDesk, furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(running.settings.state_dir))
    arguments = ["feeds", "--agency", SENDER, "--json"]
    ran = CliRunner().invoke(main.build(arguments), arguments)
    (told,) = json.loads(ran.stdout)
    known = standing(running.settings)[SENDER]
    assert (told["place"], told["rows_to_land"], told["lag_messages"]) == ("published", furnished.rows, furnished.rows)
    assert told["links"]["ingest"].endswith(f"/dags/ingest__oneroster__{SENDER}")
    assert told["is_late"] == (known.feed.late_by is not None)
    assert ran.exit_code == (2 if told["is_late"] else 0)


def test_page_shows_an_officer_their_agencies_alone(running: RunningDesk, furnished: Furnished) -> None:
    with closing(seated(running, "officer", OURS)) as officer, closing(seated(running, "viewer")) as viewer:
        theirs, everyones = officer.get("/officer/feeds", params={"lang": "en"}), viewer.get("/officer/feeds?lang=zh")
        assert theirs.status_code == everyones.status_code == 200
        assert f"/officer/agencies/{OURS}" in theirs.text
        assert THEIRS not in theirs.text
        assert SENDER not in theirs.text
        assert all(f"/officer/agencies/{code}" in everyones.text for code in (OURS, THEIRS, SENDER))
        assert f"/officer/batches?status=held&amp;agency={OURS}" in theirs.text
        assert "/officer/rows?" not in everyones.text, "a viewer sees counts, no rows"
        assert f"/dags/ingest__oneroster__{OURS}" in theirs.text
    with machine(running, "officer", OURS) as caller:
        assert [feed["agency"] for feed in caller.get("/api/v1/officer/feeds").json()["feeds"]] == [OURS]


def test_lineage_page_is_for_officers_of_all_and_runs_in_a_room_of_its_own(
    running: RunningDesk, furnished: Furnished
) -> None:
    page = build.page_path(running.settings)
    with (
        closing(seated(running, "officer")) as officer,
        closing(seated(running, "officer", OURS)) as one,
        running.browser() as nobody,
    ):
        assert "docs --warehouse" in officer.get("/officer/lineage?lang=en").text
        assert "/officer/lineage" not in officer.get("/officer/feeds").text
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<title>models</title>")
        try:
            shown = officer.get("/officer/lineage")
            assert (shown.status_code, shown.text) == (200, "<title>models</title>")
            policy = shown.headers["content-security-policy"]
            assert "sandbox allow-scripts;" in policy, "its scripts must not have the officer's session"
            assert "default-src 'none'" in policy
            link = "/officer/lineage#!/source_list/oneroster?g_v=1&amp;g_i=source:oneroster%2B"
            assert link in officer.get("/officer/feeds").text
            assert one.get("/officer/lineage").status_code == 404
            assert "/officer/lineage" not in one.get("/officer/feeds").text
            assert "models" not in nobody.get("/officer/lineage").text
        finally:
            page.unlink()


def test_metrics_equal_the_books(running: RunningDesk, furnished: Furnished) -> None:
    watch.watch(running.settings)
    samples = scrape(running)
    assert value(samples, "flyover_up") == value(samples, "flyover_broker_up") == 1
    told = books.books(running.settings)
    parts = ("received", "released", "quarantined", "duplicate", "refused", "held", "under_way")
    for part in parts:
        here = sum(row[told.columns.index(part)] for row in told.rows if row[1] == "oneroster")
        assert value(samples, "flyover_books_rows", source="oneroster", part=part) == here, part
    settled = sum(value(samples, "flyover_books_rows", source="oneroster", part=part) for part in parts[1:])
    assert settled == value(samples, "flyover_books_rows", source="oneroster", part="received")
    assert value(samples, "flyover_books_unbalanced_batches", source="oneroster") == 0
    assert value(samples, "flyover_books_rows", source="oneroster", part="held") > 0
    with connect(running.settings, "engineer") as connection:
        for stage, status, count in connection.execute(
            "select stage, status, count(*) from quarantine.entry where entity_table like 'oneroster%' group by 1, 2"
        ).fetchall():
            labels = {"source": "oneroster", "stage": stage, "status": status}
            assert value(samples, "flyover_quarantine_rows", **labels) == count
    alerts = state.listed(running.settings)
    assert any(alert.kind == "batch_held" for alert in alerts)
    for kind in {alert.kind for alert in alerts}:
        count = sum(alert.kind == kind for alert in alerts)
        assert sum(n for (name, labels), n in samples.items() if ("kind", kind) in labels) == count
    topics = [contract.topic for contract in contracts.load_all(running.settings.contracts_dir).values()]
    lag = [
        n
        for (name, labels), n in samples.items()
        if name == "flyover_consumer_lag_messages" and dict(labels)["topic"] in topics
    ]
    assert sum(lag) == backlog.to_land(running.settings, topics) == furnished.rows
    age = time.time() - value(samples, "flyover_last_delivery_timestamp_seconds", source="oneroster")
    assert 0 <= age < 600
    assert value(samples, "flyover_stage_last_run_duration_seconds", stage="land") > 0
    assert value(samples, "flyover_scrape_duration_seconds") > 0


def test_metrics_keep_prometheus_conventions_and_no_personal_value(running: RunningDesk, furnished: Furnished) -> None:
    text = httpx.get(f"{running.url}/metrics", timeout=30).text
    labels: set[str] = set()
    for family in text_string_to_metric_families(text):
        assert family.name.startswith("flyover_")
        assert family.documentation
        assert family.type == "gauge"
        assert not family.name.endswith("_total"), "what can fall is no counter"
        labels |= {label for sample in family.samples for label in sample.labels}
    assert labels == {"agency", "kind", "part", "partition", "place", "severity", "source", "stage", "status", "topic"}
    assert officers.BORN not in text
    assert "o500" not in text


def test_metrics_are_for_this_machine_alone(running: RunningDesk, furnished: Furnished) -> None:
    for header in ("x-forwarded-for", "forwarded", "x-real-ip"):
        assert httpx.get(f"{running.url}/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_a_server_that_is_away_is_a_zero(running: RunningDesk, furnished: Furnished) -> None:
    def told(settings: Settings) -> Samples:
        scraped = CollectorRegistry()
        scraped.register(House(settings))
        return read(generate_latest(scraped).decode())

    without_broker = told(replace(running.settings, kafka_bootstrap="127.0.0.1:1"))
    assert (value(without_broker, "flyover_up"), value(without_broker, "flyover_broker_up")) == (1, 0)
    assert value(without_broker, "flyover_scrape_duration_seconds") < 2
    nothing = told(replace(running.settings, pg_port=1))
    assert {name for name, _ in nothing} == {"flyover_up", "flyover_scrape_duration_seconds"}
    assert value(nothing, "flyover_up") == 0


def test_examples_of_rules_speak_of_what_is_told(running: RunningDesk, furnished: Furnished) -> None:
    document = yaml.safe_load((CHECKOUT / "deploy/prometheus/flyover-rules.yml").read_text(encoding="utf-8"))
    told = {name for name, _ in scrape(running)}
    for rule in (rule for group in document["groups"] for rule in group["rules"]):
        assert set(re.findall(r"flyover[_:][a-z_]+", rule["expr"])) <= told, rule["expr"]
        action = rule.get("annotations", {}).get("action", "")
        assert all((CHECKOUT / page).exists() for page in re.findall(r"docs/\S+\.md", action)), action
