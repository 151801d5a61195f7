"""A held batch in a real Airflow: a task waits, outlives its triggerer, and ends by a decision taken elsewhere."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from expectations.decisions import batches
from expectations.decisions.people import Actor
from expectations.judging import judge
from stack import airflow
from stack.supervisor import Service, Supervisor
from tests.conftest import AirflowStack
from tests.landed import Landing, Line

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
WATCH, HOLD, TASK = "watch__held", "hold__batch", "await_decision"
TRIGGERER = "airflow-triggerer"
GONE_AFTER_S = 10
RULE = "oneroster__orgs.mass_deletion"
OFFICER = Actor("officer Hu", "officer")


def wait_until(what: str, holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.2)


class Waits:
    """What the test asks Airflow about the waits."""

    def __init__(self, stack: AirflowStack) -> None:
        self.stack = stack
        self.supervisor = Supervisor(stack.state)

    def look(self) -> None:
        """Let Airflow look for held batches, as it does when a source was judged; back when it has looked."""
        run = self.stack.call("POST", f"/dags/{WATCH}/dagRuns", {"logical_date": None})
        path = f"/dags/{WATCH}/dagRuns/{run['dag_run_id']}"
        wait_until("it has looked", lambda: self.stack.call("GET", path)["state"] == "success", 90)

    def runs(self) -> dict[str, dict[str, Any]]:
        found = self.stack.call("GET", f"/dags/{HOLD}/dagRuns?limit=100")["dag_runs"]
        return {run["dag_run_id"]: run for run in found}

    def task(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.stack.call("GET", f"/dags/{HOLD}/dagRuns/{run_id}/taskInstances/{TASK}")
        return found

    def triggerer(self) -> Service:
        port = self.stack.state.stack()["ports"]["airflow"]
        env = {**self.stack.env, "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": str(GONE_AFTER_S)}
        services = airflow.services(self.stack.state, env, port)
        return next(service for service in services if service.name == TRIGGERER)


@pytest.fixture(scope="module")
def waits(airflow_stack: AirflowStack) -> Iterator[Waits]:
    def known() -> bool:
        return {WATCH, HOLD} <= {dag["dag_id"] for dag in airflow_stack.call("GET", "/dags?limit=200")["dags"]}

    wait_until("the DAGs are read", known, 90)
    for dag_id in (WATCH, HOLD):
        airflow_stack.call("PATCH", f"/dags/{dag_id}", {"is_paused": False})
    waits = Waits(airflow_stack)
    yield waits
    waits.supervisor.start(waits.triggerer())
    for dag_id in (WATCH, HOLD):
        airflow_stack.call("PATCH", f"/dags/{dag_id}", {"is_paused": True})


def held_batch(stack: AirflowStack) -> tuple[Landing, uuid.UUID]:
    landing = Landing(stack.settings, "oneroster")
    lines = [Line(deleted=True, record_id=f"g{n}", version=2) for n in range(60)]
    batch = landing.deliver({"orgs": lines})["orgs"]
    (verdict,) = judge.judge_ready(stack.settings, "oneroster")
    assert verdict.status == "held"
    return landing, batch


def test_held_batches_wait_in_airflow_until_someone_decides_elsewhere(waits: Waits) -> None:
    stack = waits.stack
    (landing, first), (other, second) = held_batch(stack), held_batch(stack)
    mine = f"{landing.agency}.oneroster__orgs.{first}"
    others = f"{other.agency}.oneroster__orgs.{second}"
    waits.look()
    wait_until("both wait", lambda: {waits.task(run)["state"] for run in (mine, others)} == {"deferred"}, 90)
    shown = waits.task(mine)["rendered_fields"]["told"]
    for word in (landing.agency, "oneroster__orgs", RULE, f"./flyover batches show {first}"):
        assert word in shown
        assert word in waits.runs()[mine]["note"]

    waits.look()
    assert set(waits.runs()) == {mine, others}, "a batch is shown once"

    waits.supervisor.stop(TRIGGERER)
    batches.refuse(stack.settings, first, reason="a broken export", actor=OFFICER)
    waits.supervisor.start(waits.triggerer())
    wait_until("the wait has ended", lambda: waits.task(mine)["state"] == "success", GONE_AFTER_S + 90)
    path = f"/dags/{HOLD}/dagRuns/{mine}/taskInstances/{TASK}/xcomEntries/return_value"
    told = str(stack.call("GET", path)["value"])
    for word in ("refused", OFFICER.name, "a broken export"):
        assert word in told
    assert waits.task(others)["state"] == "deferred", "nobody decided about the other"

    batches.release(stack.settings, second, reason="confirmed by phone", actor=OFFICER)
    wait_until("the other wait has ended", lambda: waits.task(others)["state"] == "success", 60)
