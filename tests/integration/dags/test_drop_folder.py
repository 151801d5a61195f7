"""A file appears in an agency's drop folder: it lands by itself, or the alarm says why not."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.db import connect
from pipeline.settings import CHECKOUT
from tests.conftest import AirflowStack

pytestmark = [pytest.mark.airflow, pytest.mark.slow]
AGENCY = "stats-sim-south"
DAGS = (f"ingest__census__{AGENCY}", "land__census")
GOOD = CHECKOUT / "tests" / "fixtures" / "census" / "population_by_age" / "population.csv"


def wait_until(what: str, holds: Callable[[], Any], seconds: float) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"{what}: not within {seconds} s"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def folder(airflow_stack: AirflowStack) -> Iterator[Path]:
    def known() -> set[str]:
        return {dag["dag_id"] for dag in airflow_stack.call("GET", "/dags?limit=100")["dags"]}

    wait_until("the DAGs are read", lambda: known() >= set(DAGS), 120)
    for dag_id in DAGS:
        airflow_stack.call("PATCH", f"/dags/{dag_id}", {"is_paused": False})
    folder = airflow_stack.settings.drop_dir / AGENCY
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    for dag_id in DAGS:
        airflow_stack.call("PATCH", f"/dags/{dag_id}", {"is_paused": True})


def test_a_file_that_is_dropped_lands_by_itself(airflow_stack: AirflowStack, folder: Path) -> None:
    def landed() -> list[tuple[Any, ...]]:
        with connect(airflow_stack.settings, "engineer") as connection:
            return connection.execute(
                "select entity, status, received, landed_rows from quality.batch where agency_code = %s", (AGENCY,)
            ).fetchall()

    shutil.copy(GOOD, folder / "population.csv.part")
    os.replace(folder / "population.csv.part", folder / "population.csv")
    rows = len(GOOD.read_text(encoding="utf-8").splitlines()) - 1
    wait_until("the file has landed", lambda: landed() == [("population_by_age", "landed", rows, rows)], 120)


def test_a_file_that_cannot_be_used_sounds_the_alarm(airflow_stack: AirflowStack, folder: Path) -> None:
    alarms = airflow_stack.settings.state_dir / "alarms.jsonl"
    (folder / "torn.csv").write_text("no,such,header\n1,2,3\n")
    wait_until("the alarm was written", lambda: alarms.exists() and "torn.csv" in alarms.read_text(), 120)
    alarm = json.loads(alarms.read_text().splitlines()[-1])
    assert (alarm["agency"], alarm["source"], alarm["entity"]) == (AGENCY, "census", "torn.csv")
    assert alarm["command"] == f"./flyover ingest census --agency {AGENCY} --path CORRECTED_FILE"
    with connect(airflow_stack.settings, "engineer") as connection:
        kept = connection.execute("select count(*) from connect.delivery where agency_code = %s", (AGENCY,)).fetchone()
    assert kept == (1,), "nothing of the bad file was kept"
