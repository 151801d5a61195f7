"""Tables for people and one document for machines say the same."""

import json

import pytest

from benchmarks.frame import Contest
from benchmarks.meter import Measure
from benchmarks.report import Goal, Report, at_most, contest_table, machine, parts_table, runs_of
from pipeline.errors import BadInput


@pytest.fixture
def contest():
    runs = {
        "by hand": [Measure(1.0, 0.5, 0.5, 20.0, {"all": 1.0}), Measure(2.0, 0.5, 1.5, 20.0, {"all": 2.0})],
        "ours": [
            Measure(2.0, 1.0, 1.0, 90.0, {"a": 0.5, "b": 1.5}),
            Measure(6.0, 1.0, 3.0, 95.4, {"a": 1.5, "b": 4.5}),
        ],
    }
    return Contest(runs, "by hand")


def test_table_has_a_line_a_contender_with_its_ratios(contest):
    table = contest_table("t", "Title", contest)
    ours = dict(zip(table.columns, table.rows[1], strict=True))
    assert ours == {
        "contender": "ours", "rounds": 2, "wall s": 4.0, "× wall": 2.5, "CPU-s": 3.0, "× CPU": 2.0, "own CPU-s": 1.0,
        "server CPU-s": 2.0, "peak RSS MB": 95,
    }  # fmt: skip


def test_parts_are_told_as_shares_of_the_whole(contest):
    assert parts_table("p", "Parts", contest, ["ours"]).rows == [("ours", "a", 1.0, 25), ("ours", "b", 3.0, 75)]


def test_goal_is_met_up_to_its_limit():
    assert at_most("ratio", 3, 3.0, " ×") == Goal("ratio", "≤ 3 ×", "3.00 ×", True)
    assert not at_most("memory", 350, 351.2, " MB").is_met
    assert at_most("memory", 350, 351.2, " MB").found == "351 MB"


def test_document_holds_tables_goals_machine_and_every_run(contest, tmp_path):
    report = Report(
        "judge",
        "./flyover bench judge",
        machine(),
        (contest_table("judgement", "Title", contest),),
        (at_most("ratio", 3, 2.5, " ×"),),
        runs_of(contest),
    )
    report.write(tmp_path / "judge.json")
    found = json.loads((tmp_path / "judge.json").read_text(encoding="utf-8"))
    assert found["judgement"][1]["× wall"] == 2.5
    assert found["goals"] == [{"goal": "ratio", "aim": "≤ 3 ×", "found": "2.50 ×", "met": True}]
    assert found["machine"]["cores"] >= 1
    assert found["machine"]["versions"]["great-expectations"]
    assert [run["wall_s"] for run in found["runs"]["ours"]] == [2.0, 6.0]
    assert [table.name for table in report.shown()] == ["judgement", "goals"]
    with pytest.raises(BadInput, match="cannot be written"):
        report.write(tmp_path / "no such folder" / "judge.json")
