"""Indicators of schools and children by their worked values: landing rows in, candidates and mart rows out."""

import datetime as dt
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from release.build import build_warehouse
from release.publish import publish_release
from tests.released import Released, Row

VALUES = json.loads((Path(__file__).parent / "values.json").read_text())
CITY, MOUNTAINS, ISLANDS = "sch-hangzhou", "sch-lishui", "sch-zhoushan"
SMALLER = 5
"""A fifth of the worked example's children and residents: the same rates from fewer rows."""


@pytest.fixture(scope="module")
def published(settings):
    """Three bureaus, each with one worked example, built and published once."""
    warehouse = Released(settings)
    _children(warehouse)
    _teachers(warehouse)
    _girls_and_boys(warehouse)
    _returns(warehouse)
    build_warehouse(settings)
    publish_release(settings)
    return warehouse


def _candidate(warehouse: Released, code: str, method: str, area: str, member: str = "total") -> tuple[Any, ...]:
    [row] = warehouse.rows(
        "select value, numerator, denominator from core.indicator_candidate where realm = 'simulated' "
        "and indicator_code = %s and method = %s and area_code = %s and member = %s and period = '2025'",
        *(code, method, area, member),
    )
    return row


def test_school_life_expectancy(published):
    expected = VALUES["school_life_expectancy"]
    value, _, learners = _candidate(published, "expected_years_of_schooling", "uis_schools", "330106")
    assert value == pytest.approx(expected["result_total"], abs=1e-12)
    assert learners == (sum(expected["enrol"].values()) + expected["unknown_age"]["enrol"]) // SMALLER
    stages = [
        _candidate(published, "expected_years_of_schooling", "uis_schools", "330106", stage)[0]
        for stage in ("primary", "junior", "senior")
    ]
    assert sum(stages) == pytest.approx(value, abs=1e-12)
    assert stages[0] == pytest.approx(5.98 + 0.03, abs=1e-12), "a rate of 1.01 at age 7 is not capped"


def test_gross_rates_hold_every_age_and_net_rates_those_of_the_stage(published):
    gross = _candidate(published, "gross_enrolment_primary", "records_by_residence", "330106")
    net = _candidate(published, "net_enrolment_primary", "records_by_residence", "330106")
    assert (gross[1:], net[1:]) == ((1202, 1200), (1196, 1200))
    assert _candidate(published, "gross_enrolment_senior", "records_by_residence", "330106")[0] == 176.0


def test_pupil_teacher(published):
    expected = VALUES["pupil_teacher"]
    assert _candidate(published, "pupil_teacher_ratio", "records_active_1sep", "331100") == (
        expected["ratio"],
        expected["pupils"],
        len(set(expected["teacher_rows"])),
    )
    in_counties = [
        _candidate(published, "pupil_teacher_ratio", "records_active_1sep", county)[2]
        for county in ("331102", "331127")
    ]
    assert in_counties == [2, 2], "the teacher of two schools counts in the county of each"
    assert _candidate(published, "pupil_teacher_ratio", "returns_full_time", "331102")[0] == 17.0


def test_teachers_of_one_year_alone_show_no_flow(published):
    assert published.rows(
        "select distinct status, position('oneroster' in status_note) > 0 from core.indicator_candidate "
        "where realm = 'simulated' and starts_with(indicator_code, 'teacher_')"
    ) == [("needs_input", True)]


def test_dissimilarity(published):
    assert published.rows(
        "select value, status from mart.current_indicator_value where realm = 'simulated' and dimension = 'total' "
        "and indicator_code = 'dissimilarity' and method = 'pupils_sex_over_schools' and area_code = '330921'"
    ) == [(pytest.approx(VALUES["dissimilarity"]["D"]), "published")]


def test_a_county_without_single_ages_names_the_return(published):
    assert published.rows(
        "select distinct status, value, position('census.population_by_age' in status_note) > 0 "
        "from core.indicator_candidate where realm = 'simulated' and area_code = '331127' "
        "and (indicator_code like '%%_enrolment_primary' or indicator_code = 'expected_years_of_schooling')"
    ) == [("needs_input", None, True)]


def test_the_real_province_waits_for_its_returns_by_name(published):
    rows = published.rows(
        "select indicator_code, status, status_note from mart.current_indicator_value "
        "where realm = 'real' and indicator_code in (select indicator_code from core.definitions_schools)"
    )
    assert {row[0] for row in rows} == {
        row[0] for row in published.rows("select indicator_code from core.definitions_schools")
    }
    assert all(status == "needs_input" and "source " in note for _, status, note in rows)


def _children(warehouse: Released) -> None:
    """The worked example's children on the stages of their ages, six of them without a birth date."""
    expected = VALUES["school_life_expectancy"]
    bounds = (0, 12, 15, 99)
    kinds = {range(*ages): kind for ages, kind in zip(pairwise(bounds), ("21", "31", "34"), strict=True)}
    pupils = [
        (next(kind for ages, kind in kinds.items() if int(age) in ages), f"{age}-{number}", int(age))
        for age, count in expected["enrol"].items()
        for number in range(count // SMALLER)
    ]
    unknown = [("21", f"unknown-{number}", None) for number in range(expected["unknown_age"]["enrol"] // SMALLER)]
    schools = [(f"{kind}33000001", kind, "330106") for kind in ("21", "31", "34")]
    _bureau(
        warehouse,
        CITY,
        schools,
        [
            {"school": f"{kind}33000001", "name": name, "born": born and dt.date(2025 - born, 1, 1), "sex": "female"}
            for kind, name, born in [*pupils, *unknown]
        ],
    )
    warehouse.release(
        "census__population_by_age",
        "stats-sim-north",
        [
            {
                "reference_date": dt.date(2025, 12, 31), "base": "resident", "division_code": "330106", "age": age,
                "sex": sex, "population": expected["pop_each"] // SMALLER if sex == "female" else 0,
            }
            for age in range(3, 25)
            for sex in ("male", "female")
        ],
    )  # fmt: skip


def _teachers(warehouse: Released) -> None:
    """450 pupils in two counties, and the teachers of the worked example, two rows in one, two in the other."""
    expected = VALUES["pupil_teacher"]
    schools = [("2133000011", "21", "331102"), ("2133000012", "21", "331127")]
    pupils = [
        {"school": schools[number >= 300][0], "name": f"p{number}", "born": dt.date(2016, 1, 1), "sex": "male"}
        for number in range(expected["pupils"])
    ]
    _bureau(warehouse, MOUNTAINS, schools, pupils)
    teachers = expected["teacher_rows"]
    warehouse.release(
        "oneroster__users",
        MOUNTAINS,
        [{"sourced_id": name, "_person_key": f"1.{MOUNTAINS}-{name}"} for name in sorted(set(teachers))],
    )
    warehouse.release(
        "oneroster__roles",
        MOUNTAINS,
        [
            {
                "sourced_id": f"r{at}", "user_sourced_id": name, "role_type": "primary", "role": "teacher",
                "org_sourced_id": schools[at >= 2][0], "begin_date": "2025-09-01",
            }
            for at, name in enumerate(teachers)
        ],
    )  # fmt: skip


def _girls_and_boys(warehouse: Released) -> None:
    expected = VALUES["dissimilarity"]
    schools = [(f"213300002{at}", "21", "330921") for at in range(3)]
    counts = [("female", expected["groupA"]), ("male", expected["groupB"])]
    pupils = [
        {"school": schools[at][0], "name": f"{sex}{at}-{number}", "born": dt.date(2016, 1, 1), "sex": sex}
        for sex, sizes in counts
        for at, size in enumerate(sizes)
        for number in range(size)
    ]
    _bureau(warehouse, ISLANDS, schools, pupils)


def _returns(warehouse: Released) -> None:
    warehouse.release(
        "returns__schools",
        MOUNTAINS,
        [
            {
                "school_year": 2026, "school_code": "2133000011", "division_code": "331102", "school_kind": "21",
                "ownership": "public", "urban_rural": "111", "headcount": 850, "full_time_teachers": 50,
            }
        ],
    )  # fmt: skip


def _bureau(warehouse: Released, agency: str, schools: list[tuple[str, str, str]], pupils: list[Row]) -> None:
    """A bureau's schools (code, kind, county), and pupils each enrolled in a class without dates of its own."""
    warehouse.release(
        "oneroster__orgs",
        agency,
        [
            {
                "sourced_id": code, "name": code, "type": "school", "identifier": code, "division_code": county,
                "school_kind_code": kind, "urban_rural_code": "111",
            }
            for code, kind, county in schools
        ],
    )  # fmt: skip
    warehouse.release(
        "oneroster__academic_sessions",
        agency,
        [
            {
                "sourced_id": "y2026", "title": "2025-2026", "type": "schoolYear", "school_year": 2026,
                "start_date": "2025-09-01", "end_date": "2026-07-01",
            }
        ],
    )  # fmt: skip
    warehouse.release(
        "oneroster__classes",
        agency,
        [
            {
                "sourced_id": f"c{code}", "title": "Class", "course_sourced_id": "course", "class_type": "homeroom",
                "school_sourced_id": code, "term_sourced_ids": "y2026",
            }
            for code, _, _ in schools
        ],
    )  # fmt: skip
    warehouse.release(
        "oneroster__users",
        agency,
        [{"sourced_id": pupil["name"], "_person_key": f"1.{agency}-{pupil['name']}"} for pupil in pupils],
    )
    warehouse.release(
        "oneroster__demographics",
        agency,
        [{"sourced_id": pupil["name"], "birth_date": pupil["born"], "sex": pupil["sex"]} for pupil in pupils],
    )
    warehouse.release(
        "oneroster__enrollments",
        agency,
        [
            {
                "sourced_id": f"e{pupil['name']}", "class_sourced_id": f"c{pupil['school']}", "role": "student",
                "user_sourced_id": pupil["name"], "school_sourced_id": pupil["school"],
            }
            for pupil in pupils
        ],
    )  # fmt: skip
