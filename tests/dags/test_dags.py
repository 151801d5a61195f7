"""Policy of every DAG: what exists, who owns it, what it says of itself, and how light it is to read."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, AssetOrTimeSchedule

from connectors import registry
from dags.wiring import retries
from dags.wiring.stage import BESIDE_IT, NICENESS, ON_THE_WAY
from pipeline import names
from pipeline.settings import CHECKOUT
from stack import airflow

AGENCIES = registry.load_all(CHECKOUT / "connectors" / "agencies")
SOURCES = sorted({agency.source for agency in AGENCIES.values()})
STAGES = {
    "ingest",
    "land",
    "validate",
    "hold",
    "lapse",
    "build",
    "link",
    "post",
    "forecast",
    "months",
    "publish",
    "reconcile",
    "review",
    "watch",
}
HEADINGS = ("**Reads**", "**Writes**", "**Normal duration**", "**Wakes up**", "**At 3 a.m.**")
EXPECTED = {
    *(names.ingest_dag(agency.source, code) for code, agency in AGENCIES.items()),
    *(names.land_dag(source) for source in [*SOURCES, "vault"]),
    *(names.validate_dag(source) for source in SOURCES),
    "hold__batch",
    "lapse__waivers",
    "months__landing",
    "build__warehouse",
    "build__indicators",
    "link__persons",
    "post__credits",
    "publish__release",
    "forecast__places",
    "reconcile__books",
    "review__verdicts",
    "watch__backlog",
    "watch__held",
    "watch__quality",
}
HEAVY = ("kafka", "psycopg", "dbt", "great_expectations", "pandas", "numpy", "statsmodels")
LONGEST_PARSE_S = 5.0
LOOK = """
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
before, began = set(sys.modules), time.monotonic()
bag = DagBag(sys.argv[1])
print(json.dumps({
    "seconds": time.monotonic() - began,
    "modules": sorted({name.split(".")[0] for name in set(sys.modules) - before}),
    "dags": sorted(bag.dags), "errors": bag.import_errors,
}))
"""


def look(folder: Path) -> dict[str, Any]:
    """Read DAG files in a fresh process, as the DAG processor does."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(folder)],
        env={**os.environ, "PYTHONPATH": str(folder.parent)},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_dags_are_read_without_errors(dagbag: Any) -> None:
    assert dagbag.import_errors == {}


def test_dags_are_those_of_the_registry(dagbag: Any) -> None:
    assert set(dagbag.dags) == EXPECTED


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
class TestEachDag:
    @pytest.fixture
    def dag(self, dagbag: Any, dag_id: str) -> DAG:
        found: DAG = dagbag.dags[dag_id]
        return found

    def test_dag_is_tagged_with_its_stage_and_sectors(self, dag: DAG) -> None:
        stage, *rest = dag.dag_id.split("__")
        sectors = {a.sector for a in AGENCIES.values() if a.source == rest[0] and rest[1:] in ([], [a.agency_code])}
        assert stage in STAGES
        assert set(dag.tags) == {stage, *sectors}

    def test_dag_says_what_to_do_at_night(self, dag: DAG) -> None:
        assert dag.doc_md is not None
        assert [heading for heading in HEADINGS if heading not in dag.doc_md] == []
        assert dag.description

    def test_dag_runs_once_at_a_time_and_never_catches_up_on_the_past(self, dag: DAG) -> None:
        assert (dag.max_active_runs == 1) is (dag.dag_id != "hold__batch"), "only waits stand side by side"
        assert not dag.catchup

    def test_tasks_have_owner_retries_and_an_alarm(self, dag: DAG) -> None:
        for task in dag.tasks:
            assert task.owner not in ("", "airflow")
            assert isinstance(task.retry_policy, retries.RetryTrouble)
            assert task.retries == retries.RETRIES
            assert task.on_failure_callback
            assert task.execution_timeout is not None

    def test_dag_can_be_stored_by_airflow(self, dag: DAG) -> None:
        from airflow.serialization.serialized_objects import DagSerialization

        assert DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag)).dag_id == dag.dag_id


@pytest.mark.parametrize("code", sorted(AGENCIES))
def test_ingest_follows_the_agencys_yml(dagbag: Any, code: str) -> None:
    agency = AGENCIES[code]
    dag = dagbag.dags[names.ingest_dag(agency.source, code)]
    assert {task.owner for task in dag.tasks} == {agency.owner}
    assert [task.task_id for task in dag.topological_sort()] == ["pull_delivery", "publish_batches"]
    assert f"flyover://delivery/{code}" in str(dag.timetable)
    if agency.schedule is not None:
        assert isinstance(dag.timetable, AssetOrTimeSchedule)
        assert dag.timetable.timetable.expression == agency.schedule
        assert str(dag.timetable.timetable.timezone) == agency.time_zone
    assert dag.is_paused_upon_creation is (True if agency.paused else None)


def test_unpausing_a_dag_makes_up_for_no_date_of_its_calendar(dagbag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import TimeRestriction

    this_minute = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    for dag in dagbag.dags.values():
        stored = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
        restriction = TimeRestriction(earliest=dag.start_date, latest=None, catchup=dag.catchup)
        first = stored.timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
        assert first is None or first.run_after > this_minute, dag.dag_id


def test_stages_wake_each_other(dagbag: Any) -> None:
    def outlets(dag_id: str) -> set[str]:
        return {asset.uri for task in dagbag.dags[dag_id].tasks for asset in task.outlets}

    for source in SOURCES:
        assert outlets(f"land__{source}") == {f"flyover://landed/{source}"}
        assert f"flyover://landed/{source}" in str(dagbag.dags[f"validate__{source}"].timetable)
        assert outlets(f"validate__{source}") == {f"flyover://released/{source}"}
        assert f"flyover://released/{source}" in str(dagbag.dags["build__warehouse"].timetable)
    assert "flyover://core'" in str(dagbag.dags["post__credits"].timetable)
    assert outlets("build__warehouse") == {"flyover://core/"}
    assert "flyover://core'" in str(dagbag.dags["build__indicators"].timetable)
    assert "flyover://indicators'" in str(dagbag.dags["forecast__places"].timetable)
    assert outlets("post__credits") == {"flyover://ledger/"}
    assert "flyover://ledger" in str(dagbag.dags["build__warehouse"].timetable)


def test_tasks_that_records_wait_for_come_first_and_those_beside_give_way(dagbag: Any) -> None:
    on_the_way = ("ingest", "land", "validate", "build", "publish", "post", "hold")
    for dag in dagbag.dags.values():
        is_on_the_way = dag.dag_id.split("__")[0] in on_the_way and dag.dag_id != "build__indicators"
        for task in dag.tasks:
            hook = task.partial_kwargs.get("pre_execute") if task.is_mapped else task._pre_execute_hook
            assert (hook is None) is is_on_the_way, dag.dag_id
            assert task.priority_weight == (ON_THE_WAY if is_on_the_way else BESIDE_IT), dag.dag_id
            assert task.weight_rule == "absolute", "else what stands at the head of a long DAG comes first"


def test_a_task_beside_the_way_gives_way_where_it_has_a_process_of_its_own() -> None:
    told = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    code = "import os; from dags.wiring.stage import give_way; give_way({}); print(os.getpriority(os.PRIO_PROCESS, 0))"

    def niceness(**more: str) -> int:
        done = subprocess.run([sys.executable, "-c", code], env=told | more, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert niceness(**{NICENESS: airflow.SHARED_SETTINGS[NICENESS]}) > niceness()


def test_reading_the_dags_is_light() -> None:
    seen = look(CHECKOUT / "dags")
    assert seen["errors"] == {}
    assert [name for name in HEAVY if name in seen["modules"]] == []
    assert seen["seconds"] < LONGEST_PARSE_S


def test_one_wrong_yml_takes_no_other_dag_away(tmp_path: Path) -> None:
    for package in ("dags", "connectors", "pipeline"):
        shutil.copytree(CHECKOUT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    broken = tmp_path / "connectors" / "agencies" / "ou-uk.yml"
    broken.write_text(broken.read_text().replace("sector: open_university", "sector: circus"))
    seen = look(tmp_path / "dags")
    assert set(seen["dags"]) == EXPECTED - {"ingest__oulad__ou-uk"}
    (shown,) = seen["errors"].items()
    assert shown[0].endswith("registry_check.py")
    assert "ou-uk.yml: sector must be one of" in shown[1]
