"""Staging of human resources: one scale of skill ranks, one spelling of sex, whatever an agency writes."""

import csv

import pytest

from pipeline.settings import CHECKOUT
from release.build import build_warehouse

LEVELS = list(
    csv.DictReader((CHECKOUT / "expectations/suites/codes/skill_levels.csv").read_text(encoding="utf-8").splitlines())
)


@pytest.fixture(scope="module")
def staging(warehouse):
    certificates = [
        {"certificate_no": f"{kind}|{row['level']}", "certificate_kind": kind, "skill_level": row["level"]}
        for kind in ("职业技能等级", "职业资格", "专项能力", "职称")
        for row in LEVELS
    ]
    warehouse.release("hr__skill_certificates", "hr-zhejiang", certificates)
    sexes = ["male", "女", "1", "0", None]
    spells = [{"employment_id": f"e{n}", "sex": sex, "start_date": "2020-01-01"} for n, sex in enumerate(sexes)]
    warehouse.release("hr__employments", "hr-zhejiang", spells)
    warehouse.release("hr__trainings", "hr-zhejiang", [{"training_id": "t", "subsidy_flag": True, "hours": 8}])
    build_warehouse(warehouse.settings)
    return warehouse


def test_every_level_of_a_skill_certificate_has_its_rank_and_titles_none(staging):
    found = staging.rows(
        "select certificate_kind_code, skill_level_code, skill_rank from staging.stg_hr__skill_certificates"
    )
    ranks = {(kind, row["level"]): row["skill_rank"] for row in LEVELS for kind in ("职业技能等级", "职业资格")}
    assert len(found) == 4 * len(LEVELS)
    for kind, level, rank in found:
        wanted = ranks.get((kind, level), "")
        assert rank == (int(wanted) if wanted else None), (kind, level)


def test_sex_is_spelt_one_way(staging):
    found = staging.rows("select sex_code from staging.stg_hr__employments order by employment_id_hr")
    assert [sex for (sex,) in found] == ["male", "female", "male", "unknown", None]


def test_trainings_carry_hours_and_subsidy(staging):
    assert staging.rows("select training_id_hr, training_hours, is_subsidised from staging.stg_hr__trainings") == [
        ("t", 8, True)
    ]
