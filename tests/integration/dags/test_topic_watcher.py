"""The topic watcher in a real triggerer: quick, frugal, and nothing lost or double whoever is killed when."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import kafka
from pipeline.db import connect
from pipeline.errors import SystemTrouble
from stack import airflow, control
from stack.kafka import broker
from stack.supervisor import Service, Supervisor
from tests import wire
from tests.conftest import AirflowStack

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
DAG, CATCH_UP = "land__oneroster", "watch__backlog"
TOPIC = "oneroster.orgs.v1"
ASSET = "flyover://topic/oneroster"
TRIGGERER = "airflow-triggerer"
GONE_AFTER_S = 10
"""Airflow gives a killed triggerer's watches to another one after this time; half a minute unless told otherwise."""


def wait_until(what: str, holds: Callable[[], bool], seconds: float) -> float:
    """Seconds it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began


class Landing:
    """What the tests ask about the watched DAG."""

    def __init__(self, stack: AirflowStack) -> None:
        self.stack, self.settings = stack, stack.settings
        self.supervisor = Supervisor(stack.state)

    def send(self, count: int, first: int) -> Any:
        """One batch of ``count`` orgs; returns its id."""
        batch = wire.open_batch(self.settings, count)
        wire.send(self.settings, batch, [wire.org(n) for n in range(first, first + count)])
        return batch

    def status(self, batch: Any) -> tuple[Any, ...] | None:
        with connect(self.settings, "engineer") as connection:
            return connection.execute(
                "select b.status, (select count(*) from landing.oneroster__orgs as l where l._batch_id = b.batch_id) "
                "from quality.batch as b where b.batch_id = %s",
                (batch,),
            ).fetchone()

    def runs(self, kind: str) -> list[dict[str, Any]]:
        found = self.stack.call("GET", f"/dags/{DAG}/dagRuns?run_type={kind}&limit=100")
        return list(found["dag_runs"])

    def events(self) -> int:
        """Events of the watcher, not those of the DAG that looks for lost ones."""
        assets = self.stack.call("GET", f"/assets?uri_pattern={ASSET}")["assets"]
        found = self.stack.call("GET", f"/assets/events?asset_id={assets[0]['id']}&limit=100")["asset_events"]
        return sum(event["source_dag_id"] is None for event in found)

    def bookmark_is_level(self) -> bool:
        watcher = kafka.Watcher(self.settings, "flyover-watch-oneroster", [TOPIC])
        try:
            return watcher.grown() == []
        except SystemTrouble:  # a young broker makes the place for bookmarks when it is first asked
            return False
        finally:
            watcher.close()

    def triggerer(self) -> Service:
        port = self.stack.state.stack()["ports"]["airflow"]
        env = {**self.stack.env, "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": str(GONE_AFTER_S)}
        services = airflow.services(self.stack.state, env, port)
        return next(service for service in services if service.name == TRIGGERER)

    def is_idle(self) -> bool:
        return all(run["state"] in ("success", "failed") for run in self.runs("asset_triggered"))


@pytest.fixture(scope="module")
def landing(airflow_stack: AirflowStack) -> Iterator[Landing]:
    landing = Landing(airflow_stack)
    known = airflow_stack.call("GET", "/dags?limit=100")
    wait_until("the DAG is read", lambda: DAG in str(known) or DAG in str(airflow_stack.call("GET", "/dags")), 60)
    for dag_id in (DAG, CATCH_UP):
        airflow_stack.call("PATCH", f"/dags/{dag_id}", {"is_paused": False})
    first = landing.send(1, 0)
    wait_until("the first batch has landed", lambda: landing.status(first) == ("landed", 1), 120)
    wait_until("the watcher is at work", landing.bookmark_is_level, 60)
    yield landing
    landing.supervisor.start(landing.triggerer())
    for dag_id in (DAG, CATCH_UP):
        airflow_stack.call("PATCH", f"/dags/{dag_id}", {"is_paused": True})


@pytest.fixture(autouse=True)
def _watched(landing: Landing) -> None:
    landing.supervisor.start(landing.triggerer())  # a test that failed may have left none


def test_watcher_lands_within_seconds(landing: Landing, record_property: Callable[[str, object], None]) -> None:
    wait_until("nothing runs", landing.is_idle, 60)
    before = len(landing.runs("asset_triggered"))
    batch = landing.send(10, 100)
    took = wait_until("the batch has landed", lambda: landing.status(batch) == ("landed", 10), 30)
    wait_until("a run was made for it", lambda: len(landing.runs("asset_triggered")) > before, 10)
    record_property("seconds_from_produced_to_landed", round(took, 1))


def test_watcher_joins_a_burst_into_few_events_and_runs(landing: Landing) -> None:
    wait_until("nothing runs", landing.is_idle, 60)
    events, runs = landing.events(), len(landing.runs("asset_triggered"))
    batch = wire.open_batch(landing.settings, 500)
    for part in range(10):
        lines = [wire.org(n) for n in range(1_000 + part * 50, 1_050 + part * 50)]
        wire.send(landing.settings, batch, lines, first_seq=part * 50)
    wait_until("the burst has landed", lambda: landing.status(batch) == ("landed", 500), 60)
    wait_until("the bookmark is level", landing.bookmark_is_level, 30)
    wait_until("nothing runs", landing.is_idle, 60)
    events, runs = landing.events() - events, len(landing.runs("asset_triggered")) - runs
    assert 1 <= events <= 5
    assert 1 <= runs <= events


def test_watcher_killed_between_storing_and_bookmark_loses_and_doubles_nothing(
    landing: Landing, tmp_path: Path
) -> None:
    deadly = replace(landing.triggerer(), argv=[sys.executable, str(Path(__file__).with_name("deadly_triggerer.py"))])
    landing.supervisor.stop(TRIGGERER)
    wait_until("nothing runs", landing.is_idle, 60)
    events = landing.events()
    landing.supervisor.start(deadly)
    batch = landing.send(40, 2_000)
    wait_until("the triggerer has died", lambda: landing.supervisor.running(TRIGGERER) is None, 120)
    assert landing.events() == events + 1, "it died after the event was stored"
    assert not landing.bookmark_is_level(), "it died before the bookmark moved"
    wait_until("the batch has landed", lambda: landing.status(batch) == ("landed", 40), 90)

    landing.supervisor.start(landing.triggerer())
    wait_until("the watch is taken up again", landing.bookmark_is_level, GONE_AFTER_S + 60)
    assert landing.events() == events + 2, "the wake-up was told again"
    wait_until("nothing runs", landing.is_idle, 60)
    assert landing.status(batch) == ("landed", 40), "nothing double"
    later = landing.send(5, 3_000)
    wait_until("it goes on", lambda: landing.status(later) == ("landed", 5), 30)


def test_watcher_outlives_a_broker_that_restarts(landing: Landing) -> None:
    landing.supervisor.stop(broker.NAME)
    control.up(lambda message: None, with_airflow=False, state=landing.stack.state)
    wait_until("nothing runs", landing.is_idle, 120)
    before = len(landing.runs("asset_triggered"))
    batch = landing.send(6, 3_500)
    wait_until("the batch has landed", lambda: landing.status(batch) == ("landed", 6), 90)
    wait_until("a run was made for it", lambda: len(landing.runs("asset_triggered")) > before, 10)
    wait_until("the bookmark is level", landing.bookmark_is_level, 60)


def test_catch_up_lands_what_no_watcher_saw(landing: Landing) -> None:
    landing.supervisor.stop(TRIGGERER)
    events = landing.events()
    batch = landing.send(7, 4_000)
    wait_until("the batch has landed", lambda: landing.status(batch) == ("landed", 7), 90)
    assert landing.events() == events
    landing.supervisor.start(landing.triggerer())
    wait_until("the watch is taken up again", landing.bookmark_is_level, GONE_AFTER_S + 60)
