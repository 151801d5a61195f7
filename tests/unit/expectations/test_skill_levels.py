"""The rule that knows skill levels and the model that ranks them go by one list."""

import csv
import re

import pytest

from connectors.sources.hr import FIVE_GRADES
from pipeline.settings import CHECKOUT

LIST = CHECKOUT / "expectations" / "suites" / "codes" / "skill_levels.csv"
MODEL = CHECKOUT / "dbt_project" / "models" / "staging" / "hr" / "stg_hr__skill_certificates.sql"
LEVELS = list(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines()))
RANKS = {row["level"]: int(row["skill_rank"]) for row in LEVELS if row["skill_rank"]}


def test_model_ranks_every_level_as_the_list_does():
    cases = re.findall(r"when skill_level in \(([^)]*)\) then (\d)", MODEL.read_text(encoding="utf-8"))
    ranked = {level: int(rank) for levels, rank in cases for level in re.findall(r"'([^']+)'", levels)}
    assert ranked == RANKS


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("五级", "四级"),
        ("四级", "三级"),
        ("三级", "二级"),
        ("二级", "一级"),
        ("一级", "特级技师"),
        ("0", "7"),
        ("5", "6"),
    ],
)
def test_grades_count_down_and_ranks_count_up(lower, higher):
    assert RANKS[lower] < RANKS[higher]


def test_bare_number_of_the_five_grades_becomes_a_grade_of_the_list():
    assert [RANKS[FIVE_GRADES[number]] for number in "54321"] == [1, 2, 3, 4, 5]


def test_titles_have_no_rank():
    assert {row["level"] for row in LEVELS if not row["skill_rank"]} == {
        "员级",
        "助理级",
        "副高级",
        "正高级",
        "不分级",
    }
