"""Airflow hears within seconds that an agency's database has said something."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pipeline import kafka, names
from tests.conftest import AirflowStack
from tests.office import AGENCY, wait_until

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
DAG = names.ingest_dag("hr", AGENCY)
RAW = names.raw_topic(AGENCY)


def test_growth_of_the_raw_topic_starts_a_run(airflow_stack: AirflowStack) -> None:
    def runs() -> list[dict[str, Any]]:
        return list(airflow_stack.call("GET", f"/dags/{DAG}/dagRuns?run_type=asset_triggered&limit=100")["dag_runs"])

    def is_known() -> bool:
        return any(dag["dag_id"] == DAG for dag in airflow_stack.call("GET", "/dags?limit=500")["dags"])

    def change() -> None:
        with kafka.Publisher(airflow_stack.settings) as publisher:
            publisher.send(RAW, b"{}", b"{}")
            publisher.flush()

    wait_until(is_known, 180)
    kafka.ensure_topics(airflow_stack.settings, [RAW], partitions=1)
    airflow_stack.call("PATCH", f"/dags/{DAG}", {"is_paused": False})
    change()
    wait_until(lambda: len(runs()) == 1, 90)  # the watch itself starts within a minute
    wait_until(lambda: runs()[0]["state"] == "success", 120)
    began = time.monotonic()
    change()
    wait_until(lambda: len(runs()) == 2, 30)
    assert time.monotonic() - began < 15
    kafka.remove_topics(airflow_stack.settings, [RAW])
    airflow_stack.call("PATCH", f"/dags/{DAG}", {"is_paused": True})
