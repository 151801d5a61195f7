"""Participation and seniors by their worked values: rows of five sectors in landing, candidates and mart rows out."""

import datetime as dt
import json
from pathlib import Path

import pytest

from release.build import build_warehouse
from release.publish import publish_release
from tests.released import Released

VALUES = json.loads((Path(__file__).parent / "values.json").read_text())
REFERENCE = dt.date(2025, 12, 31)
COUNTY, COUNTY_OF_SENIORS = "331102", "331121"


@pytest.fixture(scope="module")
def published(settings):
    """A county for each of the two examples, of a thousand residents of either age group."""
    warehouse = Released(settings)
    _residents(warehouse)
    _adults(warehouse)
    _seniors(warehouse)
    build_warehouse(settings)
    publish_release(settings)
    return warehouse


def test_lifelong_participation_12m_in_any_source(published):
    expected = VALUES["lifelong_participation_12m"]
    assert _county(published, "lifelong_learning_participation", "administrative_12m") == [
        (expected["rate_pct"], expected["distinct_learners"], expected["population"], 0, 2)
    ]


def test_what_numbers_are_about_is_published_with_them(published):
    """Names, areas and subjects come from the seeds as dbt builds them."""
    assert published.rows(
        "select area_level, count(*), count(*) filter (where 'mountain26_2021' = any(groups)) from mart.area "
        "where valid_to is null group by 1 order by 1"
    ) == [("county", 90, 26), ("prefecture", 11, 0), ("province", 1, 0)]
    assert published.rows("select dimension, member from mart.dimension_member where name_zh = member") == []
    assert published.rows("select indicator_code from mart.indicator_definition where subject is null") == []


def test_who_learns_in_two_sectors_is_one_participant_and_stands_in_both(published):
    assert dict(
        published.rows(
            "select member, numerator from core.indicator_candidate "
            "where indicator_code = 'participation_by_sector' and area_code = %s",
            COUNTY,
        )
    ) == {"school": 1, "open_university": 1, "human_resources": 1, "senior_university": 0}


def test_whose_county_nobody_tells_counts_in_the_province_alone(published):
    """An office of human resources tells no addresses: that of b is known from elsewhere, that of g is not."""
    assert published.rows(
        "select area_code, numerator from core.indicator_candidate where indicator_code = 'participation_by_sector' "
        "and member = 'human_resources' and realm = 'simulated' order by 1"
    ) == [("330000", 2), ("331100", 1), (COUNTY, 1), (COUNTY_OF_SENIORS, 0)]


def test_senior_participation(published):
    expected = VALUES["senior_participation"]
    for method in ("senior_universities", "any_source"):
        ((rate, learners, residents, unlinked, _),) = _county(
            published, "senior_participation", method, COUNTY_OF_SENIORS
        )
        assert (rate, learners, residents, unlinked) == (
            expected["rate_pct"], expected["distinct_learners"], expected["population"], expected["unlinked_records"],
        )  # fmt: skip
    assert published.rows(
        "select value_high from core.indicator_candidate where indicator_code = 'senior_participation' "
        "and method = 'senior_universities' and area_code = %s and dimension = 'total'",
        COUNTY_OF_SENIORS,
    ) == [(pytest.approx(expected["upper_rate_pct"]),)]


def test_where_learners_of_this_year_go_waits_for_records_of_the_next(published):
    """Not nobody: the years after 2025 have not been seen, and 2024 was not seen by senior universities."""
    assert published.rows(
        "select distinct period, dimension, status, value, position('2025-12' in status_note) > 0 "
        "from mart.current_indicator_value where indicator_code = 'learner_flow' and realm = 'simulated'"
    ) == [("2025", "total", "needs_input", None, True)]


def test_two_seniors_of_a_thousand_are_withheld_in_mart(published):
    assert published.rows(
        "select distinct status, value, numerator from mart.current_indicator_value "
        "where indicator_code = 'senior_participation' and area_code = %s and dimension = 'total'",
        COUNTY_OF_SENIORS,
    ) == [("withheld", None, None)]


def test_a_realm_without_learning_records_waits_for_them(published):
    assert published.rows(
        "select distinct status, position('senior' in status_note) > 0 from mart.current_indicator_value "
        "where indicator_code = 'senior_participation' and realm = 'real'"
    ) == [("needs_input", True)]


def _county(warehouse: Released, indicator: str, method: str, county: str = COUNTY) -> list[tuple[object, ...]]:
    return warehouse.rows(
        "select value, numerator, denominator, unlinked_persons, definition_version from core.indicator_candidate "
        "where indicator_code = %s and method = %s and area_code = %s and dimension = 'total'",
        indicator,
        method,
        county,
    )


def _residents(warehouse: Released) -> None:
    """A thousand of 25 to 64 and a thousand of 60 and over, who share nobody but those of 60 to 64."""
    people = dict.fromkeys(range(25, 65), 20) | dict.fromkeys(range(25), 10) | dict.fromkeys(range(65, 101), 25)
    people |= {25: 220, 65: 25}
    assert sum(count for age, count in people.items() if 25 <= age <= 64) == 1000
    assert sum(count for age, count in people.items() if age >= 60) == 1000
    warehouse.release(
        "census__population_by_age",
        "stats-sim-south",
        [
            {
                "reference_date": REFERENCE, "base": "resident", "division_code": county, "age": age, "sex": sex,
                "population": count // 2 + (count % 2 if sex == "female" else 0),
            }
            for county in (COUNTY, COUNTY_OF_SENIORS)
            for age, count in people.items()
            for sex in ("male", "female")
        ],
    )  # fmt: skip


def _adults(warehouse: Released) -> None:
    """Learners a to e, the adult class of a in a school; a training broken off and one before the window count not."""
    born = {"a": "1980-05-05", "c": "1959-05-05", "d": "1990-05-05", "e": "1990-05-05", "f": "1985-05-05"}
    warehouse.release(
        "oulad__student_info",
        "ou-zhejiang",
        [
            {
                "code_module": "M1", "code_presentation": "2025B", "id_student": name, "gender": "F",
                "cn_birth_date": day, "cn_residence_division": COUNTY, "_person_key": f"1.{name}",
            }
            for name, day in born.items()
        ],
    )  # fmt: skip
    study = {"code_module": "M1", "code_presentation": "2025B"}
    warehouse.release(
        "oulad__student_registration", "ou-zhejiang", [{**study, "id_student": name} for name in born if name != "c"]
    )
    warehouse.release(
        "oulad__student_vle",
        "ou-zhejiang",
        [
            {**study, "id_student": "a", "id_site": "1", "date": 10, "sum_click": 3},
            {**study, "id_student": "d", "id_site": "1", "date": -365 + 1, "sum_click": 3},
        ],
    )
    warehouse.release("oneroster__orgs", "sch-lishui", [{"sourced_id": "s", "name": "Adult school", "type": "school"}])
    warehouse.release(
        "oneroster__users",
        "sch-lishui",
        [{"sourced_id": "pupil-a", "_person_key": "1.a"}, {"sourced_id": "pupil-f", "_person_key": "1.f"}],
    )
    lesson = {"class_sourced_id": "evening", "school_sourced_id": "s", "role": "student", "begin_date": "2025-03-01"}
    left = {"begin_date": "2024-03-01", "end_date": "2025-01-01"}
    warehouse.release(
        "oneroster__enrollments",
        "sch-lishui",
        [
            {**lesson, "sourced_id": "1", "user_sourced_id": "pupil-a", "end_date": "2025-07-01"},
            {**lesson, "sourced_id": "2", "user_sourced_id": "pupil-f", **left},
        ],
    )  # fmt: skip
    training = {"programme_name": "Welding", "kind": "in-service", "hours": 40, "birth_date": "1985-05-05", "sex": "女"}
    trained = {
        "1.b": {"start_date": "2025-12-20", "end_date": "2026-01-20", "birth_date": "1990-05-05", "result": None},
        "1.f": {"start_date": "2025-03-01", "end_date": "2025-03-20", "result": "withdrawn"},
        "1.d": {
            "start_date": "2024-12-01",
            "end_date": "2024-12-31",
            "birth_date": "1990-05-05",
            "result": "completed",
        },
        "1.g": {"start_date": "2025-03-01", "end_date": "2025-03-20", "result": "completed"},
    }
    warehouse.release(
        "hr__trainings",
        "hr-zhejiang",
        [{**training, "training_id": key, "_person_key": key, **of} for key, of in trained.items()],
    )
    # b also studies, so that a county is known; b's course has no activity of b's own
    warehouse.release(
        "oulad__student_info",
        "ou-ningbo",
        [
            {
                **study, "id_student": "b", "gender": "M", "cn_birth_date": "1990-05-05",
                "cn_residence_division": COUNTY, "_person_key": "1.b",
            }
        ],
    )  # fmt: skip


def _seniors(warehouse: Released) -> None:
    """Records a (60) twice, b (59), c (71), one of 66 without an id, and one of 80 who never came."""
    course = {
        "school_code": "9233900201",
        "term": "2025-spring",
        "status": "completed",
        "hours_attended": 24,
        "residence_division": COUNTY_OF_SENIORS,
        "sex": "female",
    }
    people = [
        ("sa", "K1", "c1", "1965-06-01"), ("sa", "K1", "c2", "1965-06-01"), ("sb", "K2", "c1", "1966-06-01"),
        ("sc", "K3", "c1", "1954-06-01"), (None, "K4", "c1", "1959-06-01"), ("sd", "K5", "c1", "1945-06-01"),
    ]  # fmt: skip
    warehouse.release(
        "senior__enrolments",
        "sen-lishui",
        [
            {
                **course, "class_id": lesson, "course_code": lesson, "student_card_no": card,
                "birth_date": born, "enrol_date": "2025-02-20", "_person_key": f"1.{name}" if name else None,
                **({"status": "enrolled", "hours_attended": 0} if name == "sd" else {}),
            }
            for name, card, lesson, born in people
        ],
    )  # fmt: skip
