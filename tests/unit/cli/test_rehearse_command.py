"""What ./flyover rehearse shows and how it ends, with the rehearsal itself stood in for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cli import main, rehearse_command
from pipeline.errors import BadInput
from release import rehearsal
from release.candidates import Slice
from release.differences import Differences, NumberChange
from release.picture import Figure
from stack import dag_changes
from stack.dag_changes import DagChange

NUMBER = Figure(10.0, 100.0, 1000.0, "published", "pct", 1)
WITHHELD = Figure(None, None, None, "withheld", "pct", 1)
NOTHING = Differences((), (), (), ())
MOVED = Differences(
    (), (), (), tuple(
        NumberChange(Slice("i", "m", "simulated", f"33{n:04}", "2025", "total", "total"), NUMBER, WITHHELD)
        for n in range(3)
    ),
)  # fmt: skip


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """(exit code, standard output, standard error, stages asked for) of a command line."""

    def rehearse(*arguments: str, found: Differences = NOTHING, dags: list[DagChange] | None = None):
        asked: list[tuple[str, ...]] = []

        def stand_in(settings, say, *, stages, keep, room):
            asked.append(stages)
            return rehearsal.Rehearsal(found, "copy" if keep else None, 4, 2, 30, 1, 0.5)

        monkeypatch.setattr(rehearsal, "rehearse", stand_in)
        monkeypatch.setattr(rehearse_command.signal, "signal", lambda *_: None)
        monkeypatch.setattr(rehearse_command, "load", lambda: None)
        monkeypatch.setattr(rehearse_command, "disk_of_server", lambda: Path("/"))
        monkeypatch.setattr(dag_changes, "since", lambda revision: dags or [])
        monkeypatch.setattr(sys, "argv", ["flyover", "rehearse", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err, asked

    return rehearse


def test_no_difference_ends_with_0_and_says_what_was_compared(run) -> None:
    code, out, err, asked = run()
    assert (code, out, asked) == (0, "", [("rules", "models")])
    assert "no difference: 4 batches judged alike, 30 numbers the same" in err
    assert "1 batches that core has not taken in yet were left out" in err


def test_differences_end_with_4_and_long_tables_are_cut(run) -> None:
    code, out, _, _ = run("--limit", "2", found=MOVED)
    assert code == 4
    assert "the first 2 of 3" in out
    assert "withheld" in out


def test_json_has_every_line(run) -> None:
    code, out, _, _ = run("--json", "--limit", "2", "--keep", found=MOVED)
    document = json.loads(out)
    assert (code, document["differs"], document["kept_database"]) == (4, True, "copy")
    assert len(document["numbers"]) == 3
    assert document["rules"] == document["dags"] == []


def test_dags_alone_need_no_copy(run) -> None:
    code, out, _, asked = run("--only", "dags", dags=[DagChange("build__warehouse", "changed", "timetable")])
    assert (code, asked) == (4, [])
    assert "timetable" in out


def test_one_stage_leaves_the_others_out(run) -> None:
    assert run("--only", "rules", dags=[DagChange("x", "gone", "")])[3] == [("rules",)]


def test_an_unknown_stage_is_said(run) -> None:
    code, _, err, asked = run("--only", "numbers")
    assert (code, asked) == (BadInput.exit_code, [])
    assert "no stage numbers" in err
