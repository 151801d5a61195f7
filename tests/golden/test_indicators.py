"""The three indicators by their worked values: landing rows in, mart rows out, through the real build and release."""

import datetime as dt
import json
from pathlib import Path

import pytest

from release.build import build_warehouse
from release.publish import publish_release
from tests.released import Released

VALUES = json.loads((Path(__file__).parent / "values.json").read_text())
SCHOOL_AGENCY, UNIVERSITY, OTHER_UNIVERSITY = "sch-hangzhou", "ou-zhejiang", "ou-ningbo"
REFERENCE = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def published(settings):
    """A province of worked examples, built and published once."""
    warehouse = Released(settings)
    _schools(warehouse)
    _census(warehouse)
    _universities(warehouse)
    build_warehouse(settings)
    publish_release(settings)
    return warehouse


def test_school_size(published):
    expected = VALUES["school_size"]
    sizes = len(expected["sizes"])
    assert dict(
        published.rows(
            "select member, value from mart.current_indicator_value "
            "where indicator_code = 'school_size_bands' and realm = 'simulated' and area_code = '330106' "
            "and dimension = 'size_band'"
        )
    ) == {
        "lt100": expected["under_100"],
        "gt2000": expected["over_2000"],
        "100_2000": sizes - expected["under_100"] - expected["over_2000"],
    }
    assert published.rows(
        "select distinct period, denominator from mart.current_indicator_value "
        "where indicator_code = 'school_size_bands' and realm = 'simulated' and method = 'active_pupils_1sep'"
    ) == [("2025", sizes)]


def test_mean_years_schooling(published):
    expected = VALUES["mean_years_schooling"]
    rows = published.rows(
        "select value, denominator, status from mart.current_indicator_value "
        "where indicator_code = 'mean_years_schooling' and realm = 'real' and area_code = '330000' "
        "and dimension = 'total' and method = 'census_3plus_jc16'"
    )
    assert rows == [(expected["zhejiang_exact"], sum(expected["zhejiang_counts"].values()), "published")]
    assert round(rows[0][0], 2) == expected["zhejiang_published"]


def test_lifelong_participation_12m(published):
    expected = VALUES["lifelong_participation_12m"]
    rows = published.rows(
        "select value, numerator, denominator from core.indicator_candidate "
        "where indicator_code = 'lifelong_learning_participation' and method = 'administrative_12m' "
        "and area_code = '331102' and dimension = 'total'"
    )
    assert rows == [(expected["rate_pct"], expected["distinct_learners"], expected["population"])]


def test_two_participants_of_a_thousand_are_withheld_in_mart(published):
    assert published.rows(
        "select distinct status, value, numerator, denominator from mart.current_indicator_value "
        "where indicator_code = 'lifelong_learning_participation' and method = 'administrative_12m' "
        "and realm = 'simulated' and dimension = 'total'"
    ) == [("withheld", None, None, None)]


def test_an_indicator_without_input_names_the_return(published):
    assert published.rows(
        "select indicator_code, status, position('OneRoster' in status_note) > 0 from mart.current_indicator_value "
        "where realm = 'real' and indicator_code = 'school_size_bands' and method = 'active_pupils_1sep'"
    ) == [("school_size_bands", "needs_input", True)]


def _schools(warehouse: Released) -> None:
    """Schools of the worked sizes in one county; the last pupil of one sits in a teaching point."""
    sizes = VALUES["school_size"]["sizes"]
    schools = [
        {
            "sourced_id": f"s{size}", "name": f"School of {size}", "type": "school", "identifier": f"2133{size:06d}",
            "division_code": "330106",
        }
        for size in sizes
    ]  # fmt: skip
    point = {"sourced_id": "point", "name": "Teaching point", "type": "school", "parent_sourced_id": "s101"}
    warehouse.release("oneroster__orgs", SCHOOL_AGENCY, [*schools, point])
    warehouse.release(
        "oneroster__academic_sessions",
        SCHOOL_AGENCY,
        [
            {
                "sourced_id": "y2026", "title": "2025-2026", "type": "schoolYear", "school_year": 2026,
                "start_date": "2025-09-01", "end_date": "2026-07-01",
            }
        ],
    )  # fmt: skip
    warehouse.release(
        "oneroster__classes",
        SCHOOL_AGENCY,
        [
            {
                "sourced_id": f"c{size}", "title": "Class", "course_sourced_id": "course", "class_type": "homeroom",
                "school_sourced_id": f"s{size}", "term_sourced_ids": "y2026",
            }
            for size in sizes
        ],
    )  # fmt: skip
    pupils = [(size, number) for size in sizes for number in range(size)]
    warehouse.release(
        "oneroster__users",
        SCHOOL_AGENCY,
        [{"sourced_id": f"p{size}-{number}", "_person_key": f"1.p{size}-{number}"} for size, number in pupils],
    )
    enrolments = [
        {
            "sourced_id": f"e{size}-{number}", "class_sourced_id": f"c{size}", "user_sourced_id": f"p{size}-{number}",
            "school_sourced_id": "point" if (size, number) == (101, 100) else f"s{size}", "role": "student",
        }
        for size, number in pupils
    ]  # fmt: skip
    second_class = {**enrolments[0], "sourced_id": "second"}
    left = {**enrolments[0], "sourced_id": "left", "user_sourced_id": "p2000-1", "end_date": "2025-09-01"}
    warehouse.release("oneroster__enrollments", SCHOOL_AGENCY, [*enrolments, second_class, left])


def _census(warehouse: Released) -> None:
    """The province's attainment as one county's, and the residents of a simulated county by age."""
    counts = VALUES["mean_years_schooling"]["zhejiang_counts"]
    warehouse.release(
        "census__county_yearbook",
        "stats-zj",
        [
            {
                "reference_date": "2020-11-01", "base": "resident", "level": "county", "code": "330106",
                "prefecture_zh": "杭州市", "county_zh": "西湖区", "mys": 9.51,
                **{f"edu_{name}_m": count // 2 for name, count in counts.items()},
                **{f"edu_{name}_f": count - count // 2 for name, count in counts.items()},
            }
        ],
    )  # fmt: skip
    population = VALUES["lifelong_participation_12m"]["population"]
    cells = [(age, sex) for age in range(20, 70) for sex in ("male", "female")]
    counted = [cell for cell in cells if 25 <= cell[0] <= 64]
    warehouse.release(
        "census__population_by_age",
        "stats-sim-south",
        [
            {
                "reference_date": REFERENCE, "base": "resident", "division_code": "331102", "age": age, "sex": sex,
                "population": population // len(counted) + ((age, sex) in counted[: population % len(counted)]),
            }
            for age, sex in cells
        ],
    )  # fmt: skip


def _universities(warehouse: Released) -> None:
    """Learners a to e of the worked example, and those who must not count: outsiders, banked, clickless."""
    learners = {
        "a": "1980-05-05", "b": "1990-05-05", "c": "1959-05-05", "d": "1990-05-05", "e": "1990-05-05",
        "banked": "1990-05-05", "clickless": "1990-05-05",
    }  # fmt: skip
    active_days = {"a": 10, "c": 10, "d": -365 + 1, "clickless": 11}
    for agency, names in {UNIVERSITY: learners, OTHER_UNIVERSITY: {"a": learners["a"]}, "ou-uk": {"x": None}}.items():
        warehouse.release(
            "oulad__student_info",
            agency,
            [
                {
                    "code_module": "M1", "code_presentation": "2025B", "id_student": name, "gender": "F",
                    "cn_birth_date": born, "cn_residence_division": "331102",
                    "_person_key": f"1.{name}" if born else None,
                }
                for name, born in names.items()
            ],
        )  # fmt: skip
        warehouse.release(
            "oulad__student_vle",
            agency,
            [
                {
                    "code_module": "M1", "code_presentation": "2025B", "id_student": name, "id_site": "1",
                    "date": active_days.get(name, 12), "sum_click": 0 if name == "clickless" else 3,
                }
                for name in names
                if name in active_days or agency == "ou-uk"
            ],
        )  # fmt: skip
    warehouse.release(
        "oulad__assessments",
        UNIVERSITY,
        [{"code_module": "M1", "code_presentation": "2025B", "id_assessment": "77", "assessment_type": "TMA"}],
    )
    warehouse.release(
        "oulad__student_assessment",
        UNIVERSITY,
        [
            {"id_assessment": "77", "id_student": "b", "date_submitted": 20, "is_banked": False, "score": 80},
            {"id_assessment": "77", "id_student": "banked", "date_submitted": -1, "is_banked": True, "score": 80},
        ],
    )
    warehouse.release(
        "oulad__student_registration",
        UNIVERSITY,
        [{"code_module": "M1", "code_presentation": "2025B", "id_student": name} for name in learners],
    )
