"""Cohorts computed by hand."""

import pytest

from forecast import cohorts
from forecast.cohorts import Children, born_until, follow, grown_older, last_rate, of_age, progression, project

LEVEL = dict.fromkeys(range(2006, 2026), 300.0)


def test_a_class_is_a_third_of_one_birth_year_and_two_thirds_of_the_next() -> None:
    # autumn 2025, first kindergarten year: born from September 2021 (a third of 2021) to August 2022
    children = Children(births={2021: 300.0, 2022: 150.0})
    assert of_age(children, [0], 2026, 2026) == pytest.approx(100 + 100)


def test_children_of_a_stage_are_those_of_its_grades() -> None:
    assert of_age(Children(births=LEVEL), range(3), 2026, 2026) == pytest.approx(900)
    assert of_age(Children(births=LEVEL), range(3, 9), 2026, 2026) == pytest.approx(1800)


def test_a_year_of_birth_before_the_first_return_gives_nothing() -> None:
    assert of_age(Children(births=LEVEL), range(3, 9), 2018, 2026) is None


def test_births_that_are_not_known_yet_are_as_many_as_in_the_three_years_before() -> None:
    births = {**LEVEL, 2023: 200.0, 2024: 150.0, 2025: 100.0}
    # school year 2030, first year: a third of 2025, two thirds of 2026, of which the origin 2026 knows nothing
    assert of_age(Children(births=births), [0], 2030, 2026) == pytest.approx(100 / 3 + 150 * 2 / 3)


def test_nothing_later_than_the_origin_is_looked_at() -> None:
    early = {year: births for year, births in LEVEL.items() if year < 2021}
    known = Children(births=early, pupils={"kindergarten": {2019: 810.0, 2020: 810.0, 2021: 810.0}})
    pupils = {**known.pupils["kindergarten"], **dict.fromkeys(range(2022, 2027), 1.0)}
    later = Children(
        births={**LEVEL, 2024: 9_999.0}, pupils={"kindergarten": pupils}, net_moves={2024: 500.0}, residents=10.0
    )
    assert project(later, "kindergarten", 2021, 2026) == pytest.approx(project(known, "kindergarten", 2021, 2026))


def test_progression_is_a_sum_over_a_sum_of_the_last_three_years() -> None:
    births = {**LEVEL, 2022: 600.0}
    children = Children(births=births, pupils={"kindergarten": {2024: 810.0, 2025: 720.0, 2026: 1080.0}})
    of_ages = [of_age(children, range(3), year, year) for year in (2024, 2025, 2026)]
    assert of_ages == pytest.approx([900, 900, 900 + 600 * 2 / 3 - 200])
    assert progression(children, "kindergarten", 2026) == pytest.approx((810 + 720 + 1080) / (900 + 900 + 1100))


def test_places_follow_the_births() -> None:
    births = {**LEVEL, 2023: 150.0, 2024: 150.0, 2025: 150.0}
    children = Children(births=births, pupils={"kindergarten": dict.fromkeys((2024, 2025, 2026), 810.0)})
    # 2027: first grade a third of 2022 and two thirds of 2023, the other two of full years
    assert project(children, "kindergarten", 2026, 2029) == pytest.approx(
        {2027: 0.9 * (200 + 600), 2028: 0.9 * (150 + 200 + 300), 2029: 0.9 * (150 + 150 + 200)}
    )


def test_children_move_on_average_as_everyone_does() -> None:
    children = Children(births=LEVEL, net_moves=dict.fromkeys(range(2021, 2026), 20.0), residents=1_000.0)
    assert children.moving(2026) == pytest.approx(0.02)
    # two thirds are three years old in the autumn, a third four
    assert of_age(children, [0], 2026, 2026) == pytest.approx(200 * 1.02**3 + 100 * 1.02**4)
    assert Children(net_moves={2025: 20.0}).moving(2026) == 0, "without residents nobody is taken to move"


def test_a_junior_school_holds_the_upper_half_of_primary_three_years_before() -> None:
    pupils = {
        "primary": dict.fromkeys(range(2017, 2027), 1_800.0),
        "junior": dict.fromkeys(range(2017, 2027), 810.0),
        "senior": dict.fromkeys(range(2017, 2027), 405.0),
    }
    children = Children(births=LEVEL, pupils=pupils)
    assert progression(children, "junior", 2026) == pytest.approx(0.9)
    assert progression(children, "senior", 2026) == pytest.approx(0.5)
    assert project(children, "junior", 2026, 2031) == pytest.approx(dict.fromkeys(range(2027, 2032), 810.0))
    assert project(children, "senior", 2026, 2031) == pytest.approx(dict.fromkeys(range(2027, 2032), 405.0))


def test_a_wave_of_births_reaches_junior_school_twelve_years_later() -> None:
    births = {**LEVEL, 2015: 600.0}
    children = Children(births=births)
    primary = {year: of_age(children, range(3, 9), year, year) or 0.0 for year in range(2020, 2027)}
    junior = {year: of_age(children, range(9, 12), year, year) or 0.0 for year in range(2022, 2027)}
    children = Children(births=births, pupils={"primary": primary, "junior": junior})
    expected = project(children, "junior", 2026, 2032)
    really = {year: of_age(children, range(9, 12), year, 2026) for year in expected}
    assert expected == pytest.approx(really)


def test_without_enough_years_nothing_is_said() -> None:
    assert project(Children(births=LEVEL, pupils={"primary": {2026: 1_800.0}}), "primary", 2026, 2030) == {}
    assert project(Children(pupils={"primary": dict.fromkeys((2024, 2025, 2026), 9.0)}), "primary", 2026, 2030) == {}
    assert last_rate({2025: 1.0}, {2025: 2.0}, 2026) is None


@pytest.mark.parametrize(
    ("stage", "last"), [("kindergarten", 2029), ("primary", 2032), ("junior", 2038), ("senior", 2041)]
)
def test_places_are_known_as_long_as_the_children_are_born(stage, last) -> None:
    assert born_until(stage, 2025) == last
    youngest = last - 1 - 3 - cohorts._GRADES[stage][0]
    assert youngest == 2025, "two thirds of the first grade were born in the last year that was returned"


def test_teachers_follow_pupils() -> None:
    teachers, pupils = {2024: 10.0, 2025: 10.0, 2026: 12.0}, {2024: 150.0, 2025: 150.0, 2026: 180.0}
    assert follow(teachers, pupils, {2027: 300.0}, 2026) == pytest.approx({2027: 20.0})
    assert follow(teachers, {2026: 180.0}, {2027: 300.0}, 2026) == {}


def test_people_grow_older_and_some_die() -> None:
    ages = {58: 50.0, 59: 100.0, 60: 300.0, 80: 100.0}
    # 400 of 60 and over, 40 deaths: a tenth a year
    assert grown_older(ages, 40.0, 0, least_age=60) == 400
    assert grown_older(ages, 40.0, 1, least_age=60) == pytest.approx(400 * 0.9 + 100)
    assert grown_older(ages, 40.0, 2, least_age=60) == pytest.approx((400 * 0.9 + 100) * 0.9 + 50)
