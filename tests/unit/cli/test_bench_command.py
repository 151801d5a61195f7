"""./flyover bench: a benchmark by name, away from anybody's own stack."""

import json
import os
import sys
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from benchmarks.report import Goal, Report, Table
from cli import bench_command, main
from pipeline.errors import BadInput

REPORT = Report(
    "one",
    "./flyover bench one",
    {"cores": 2},
    (Table("times", "Times", ("contender", "s"), [("ours", 1.5)]),),
    (Goal("time", "≤ 2 s", "1.50 s", True),),
    {"ours": []},
)


@pytest.fixture
def told(monkeypatch):
    """What the benchmark was called with, and the stack variables it could see."""
    seen = {}

    def run(command, progress, **options):
        seen.update(options, stack=[name for name in os.environ if name.startswith("FLYOVER_PG_")])
        return REPORT

    monkeypatch.setitem(bench_command.BENCHMARKS, "one", "benchmarks.one")
    monkeypatch.setitem(sys.modules, "benchmarks.one", SimpleNamespace(run=run))
    return seen


def invoke(*arguments):
    return CliRunner().invoke(main.build(["bench"]), ["bench", *arguments])


def test_tables_goals_and_a_document(told, tmp_path):
    done = invoke("one", "--rows", "10", "--rounds", "1", "--out", str(tmp_path / "one.json"))
    assert done.exit_code == 0
    assert "Times" in done.stdout
    assert "≤ 2 s" in done.stdout
    assert json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))["times"] == [{"contender": "ours", "s": 1.5}]
    assert told == {"rows": 10, "rounds": 1, "stack": []}


def test_as_json_it_is_one_document(told):
    assert json.loads(invoke("one", "--json").stdout)["goals"][0]["met"] is True


def test_a_persons_own_server_is_out_of_sight(told, monkeypatch):
    monkeypatch.setenv("FLYOVER_PG_HOST", "db.example.org")
    invoke("one")
    assert told["stack"] == []


def test_unknown_name_is_told_with_those_there_are():
    done = invoke("two")
    assert "no benchmark two" in str(done.exception)
    assert "judge" in str(done.exception)


def test_a_stream_is_told_its_rate_and_what_is_none_refuses_one(told, monkeypatch):
    seen = []
    stream = SimpleNamespace(run=lambda command, progress, *, rows, rounds, rate: seen.append(rate) or REPORT)
    monkeypatch.setitem(sys.modules, "benchmarks.one", stream)
    assert invoke("one", "--rate", "250").exit_code == 0
    assert seen == [250]
    monkeypatch.setitem(
        sys.modules, "benchmarks.one", SimpleNamespace(run=lambda command, progress, *, rows, rounds: 1)
    )
    refused = invoke("one", "--rate", "250")
    assert isinstance(refused.exception, BadInput)
    assert "no --rate" in str(refused.exception)
