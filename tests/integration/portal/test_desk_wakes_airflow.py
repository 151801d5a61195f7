"""Handed in over HTTP at the stack's own desk, carried by Airflow alone, answered at the address that was promised."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pipeline.settings import CHECKOUT
from portal import tokens
from tests.conftest import AirflowStack

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
AGENCY = "stats-sim-north"
DAGS = (f"ingest__census__{AGENCY}", "land__census", "validate__census")
FILE = CHECKOUT / "tests" / "fixtures" / "census" / "population_by_age" / "population.csv"


def wait_for(what: str, ask: Callable[[], Any], seconds: float) -> Any:
    began = time.monotonic()
    while not (found := ask()):
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.2)
    return found


def test_a_file_handed_in_wakes_its_dag_and_is_answered(airflow_stack: AirflowStack) -> None:
    def known() -> bool:
        return {dag["dag_id"] for dag in airflow_stack.call("GET", "/dags?limit=100")["dags"]} >= set(DAGS)

    wait_for("the DAGs are read", known, 120)
    for dag_id in DAGS:
        airflow_stack.call("PATCH", f"/dags/{dag_id}", {"is_paused": False})
    token = tokens.make(airflow_stack.settings, AGENCY, label="test", days=1)
    desk = str(airflow_stack.state.stack()["portal_url"])
    try:
        with httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=30) as machine:
            taken = machine.post(
                f"{desk}/api/v1/deliveries", content=FILE.read_bytes(), params={"filename": "population.csv"}
            )
            assert taken.status_code == 201, taken.text

            def answered() -> dict[str, Any] | None:
                found = machine.get(taken.json()["receipt"])
                done = found.status_code == 200 and found.json()["state"] != "processing"
                return found.json() if done else None

            receipt = wait_for("the receipt says what became of it", answered, 240)
    finally:
        for dag_id in DAGS:
            airflow_stack.call("PATCH", f"/dags/{dag_id}", {"is_paused": True})
    rows = len(FILE.read_text(encoding="utf-8").splitlines()) - 1
    assert (receipt["read"], receipt["books"]["received"]) == (rows, rows)
    assert receipt["books"]["received"] == sum(list(receipt["books"].values())[1:])
    assert {row["rules"][0] for row in receipt["rows"]} == {"census__population_by_age.division_known"}
