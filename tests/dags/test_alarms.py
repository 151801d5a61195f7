from __future__ import annotations

import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dags.wiring.alarms import Sound, quieten
from pipeline.errors import BadInput, ConfigurationError, FlyoverError, SystemTrouble

TASK = SimpleNamespace(dag_id="ingest__oulad__ou-uk", task_id="pull_delivery", run_id="manual__1")


@pytest.fixture
def sounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """Sounds the alarm for an error; returns the entry and the log line."""
    monkeypatch.setenv("FLYOVER_STATE", str(tmp_path))

    def sound(error: BaseException | None, stage: str = "ingest") -> tuple[dict[str, Any], str]:
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            Sound(stage, source="oulad", agency="ou-uk")({"exception": error, "ti": TASK})
        entry = json.loads((tmp_path / "alarms.jsonl").read_text().splitlines()[-1])
        (line,) = caplog.messages
        return entry, line

    return sound


def test_alarm_names_agency_source_file_and_the_command_to_try(sounded: Any) -> None:
    entry, line = sounded(BadInput("is torn", agency="ou-uk", source="oulad", file="studentInfo.csv", line=7))
    assert entry["agency"] == "ou-uk"
    assert entry["entity"] == "studentInfo.csv"
    assert entry["command"] == "./flyover ingest oulad --agency ou-uk --path CORRECTED_FILE"
    for said in ("ingest__oulad__ou-uk.pull_delivery", "ou-uk", "oulad", "studentInfo.csv", entry["command"]):
        assert said in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("error", "stage", "command"),
    [
        (SystemTrouble("Kafka is away"), "ingest", "./flyover status"),
        (ConfigurationError("wrong yml"), "ingest", "./flyover doctor"),
        (FlyoverError("test x failed"), "build", "./flyover sql --role engineer"),
        (FlyoverError("books"), "validate", "./flyover batches"),
        (KeyError("x"), "build", "./flyover logs airflow-scheduler"),
        (None, "build", "./flyover doctor"),
    ],
)
def test_alarm_advises_by_kind_of_trouble(sounded: Any, error: BaseException | None, stage: str, command: str) -> None:
    assert sounded(error, stage)[0]["command"] == command


def test_alarm_tells_nothing_of_an_error_that_may_hold_a_value(sounded: Any) -> None:
    entry, line = sounded(ValueError("Key (resident_id)=(339901189912310011) exists"))
    assert "3399" not in json.dumps(entry) + line
    assert entry["error"] == "unexpected builtins.ValueError"


def test_alarms_are_kept_in_order(sounded: Any, tmp_path: Path) -> None:
    sounded(SystemTrouble("one"))
    sounded(SystemTrouble("two"))
    assert [json.loads(line)["error"] for line in (tmp_path / "alarms.jsonl").read_text().splitlines()] == [
        "one",
        "two",
    ]


def test_alarm_waits_in_a_file_while_there_is_no_database(sounded: Any, tmp_path: Path) -> None:
    sounded(SystemTrouble("Kafka is away"))
    (waiting,) = [json.loads(line) for line in (tmp_path / "alarms.waiting.jsonl").read_text().splitlines()]
    assert (waiting["dag_id"], waiting["agency_code"], waiting["command"]) == (TASK.dag_id, "ou-uk", "./flyover status")
    assert waiting["cause_zh"]


def test_success_without_a_database_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(tmp_path))
    quieten({"ti": TASK})
