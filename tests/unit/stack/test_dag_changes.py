"""How two readings of DAGs are compared, and what is said where there is nothing to compare with."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import BadInput
from stack import dag_changes
from stack.dag_changes import DagChange


def dag(schedule: str = "0 7 * * *", **tasks: str) -> dict:
    written = [{"__type": "operator", "__var": {"task_id": name, "retries": say}} for name, say in tasks.items()]
    return {"timetable": {"expression": schedule}, "tasks": written}


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Stand in for two processes with Airflow in them."""

    def compare(before: dict, now: dict, errors: dict | None = None) -> list[DagChange]:
        answers = iter([{"dags": now, "errors": errors or {}}, {"dags": before, "errors": {}}])
        monkeypatch.setattr(dag_changes, "_described", lambda _: next(answers))
        monkeypatch.setattr(dag_changes.subprocess, "run", lambda *_, **__: _Packed())
        return dag_changes.since("HEAD", tmp_path)

    return compare


class _Packed:
    stdout = bytes(10_240)  # a tar without a member


def test_what_came_went_and_changed_is_named(readings) -> None:
    before = {"same": dag(a="1"), "gone": dag(a="1"), "timed": dag(a="1"), "worked": dag(a="1", b="1")}
    now = {"same": dag(a="1"), "new": dag(x="1"), "timed": dag("0 8 * * *", a="1"), "worked": dag(a="2", c="1")}
    assert readings(before, now) == [
        DagChange("gone", "gone", ""),
        DagChange("new", "added", "task x"),
        DagChange("timed", "changed", "timetable"),
        DagChange("worked", "changed", "task a changed, task b gone, task c added"),
    ]


def test_a_file_that_cannot_be_read_comes_first(readings) -> None:
    assert readings({}, {}, {"build.py": "NameError: x"}) == [DagChange("build.py", "unreadable", "NameError: x")]


def test_an_unknown_revision_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dag_changes, "_described", lambda _: {"dags": {}, "errors": {}})
    with pytest.raises(BadInput, match="no revision nowhere"):
        dag_changes.since("nowhere", tmp_path)
