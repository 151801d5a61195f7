"""The page of figures says what the kept documents say, and nothing else."""

import json

import pytest

from benchmarks import page
from benchmarks.report import Goal, Report, Table

MACHINE = {
    "at": "2026-11-22T10:00:00+00:00", "cores": 2, "memory_gib": 23.5, "system": "Linux", "python": "3.11.2",
    "load_before": [0.1, 0.2, 0.3], "versions": {"psycopg": "3.3.9"},
}  # fmt: skip


@pytest.fixture
def kept(tmp_path):
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    table = Table("model", "Clicks", ("contender", "wall s"), [("by hand", 1.5), ("a|b", 3_000_000)])
    goals = (Goal("rows", "equal", "DIFFERENT", False), Goal("times", "≤ 3 ×", "2.00 ×", True))
    report = Report("model", "./flyover bench model", MACHINE, (table,), goals, {})
    report.write(page.results_dir(tmp_path) / "model.json")
    return tmp_path


def test_a_missed_goal_stands_on_the_first_table_beside_those_met(kept):
    text = page.write(kept).read_text(encoding="utf-8")
    assert "| [model](#model) | rows | equal | DIFFERENT | **no** |" in text
    assert "| [model](#model) | times | ≤ 3 × | 2.00 × | yes |" in text


def test_figures_carry_their_command_day_machine_and_words(kept):
    (page.results_dir(kept) / "model.md").write_text("The rows differ because.\n", encoding="utf-8")
    text = page.render(kept)
    assert "`./flyover bench model`, 2026-11-22, 2 cores, 23.5 GiB" in text
    assert "| a\\|b | 3,000,000 |" in text
    assert text.endswith("Versions: psycopg 3.3.9.\n\nThe rows differ because.\n")


def test_the_page_is_what_the_kept_documents_give():
    assert page.page_path().read_text(encoding="utf-8") == page.render(), "run ./flyover docs"


def test_a_document_is_kept_for_benchmarks_that_exist_alone():
    from benchmarks import BENCHMARKS

    names = {json.loads(path.read_text(encoding="utf-8"))["benchmark"] for path in page.results_dir().glob("*.json")}
    assert names <= BENCHMARKS.keys()
