"""What is said of areas: counties add up, errors are told, a short history names its return and years."""

import pytest

from forecast import subjects
from forecast.backtest import LEAST_YEARS, NAIVE
from forecast.history import History
from forecast.report import tell
from forecast.shown import chart

YEARS = range(2017, 2027)


def _births(code: str, factor: float = 1.0):
    return [
        ("births", "total", code, year, factor * (300.0 if year < 2016 else 300.0 - 20 * (year - 2015)))
        for year in range(2006, 2026)
    ]


def _kindergartens(code: str, years=YEARS, factor: float = 1.0):
    """Nine of ten children, of whom there are ever fewer."""
    births = {year: value for *_, year, value in _births(code, factor)}
    of_grade = lambda youngest: births[youngest - 1] / 3 + births[youngest] * 2 / 3  # noqa: E731
    return [
        ("pupils", "kindergarten", code, year, round(0.9 * sum(of_grade(year - 4 - grade) for grade in range(3)), 1))
        for year in years
    ]


@pytest.fixture
def places():
    rows = [
        *_births("330106"), *_births("330108", 2.0), *_kindergartens("330106"), *_kindergartens("330108", factor=2.0),
    ]  # fmt: skip
    (told,) = [told for told in tell(History(rows)) if told.subject.indicator_code == subjects.PLACES]
    return told


def test_falling_births_are_foreseen_by_cohorts_and_by_nothing_else(places) -> None:
    assert {level: chosen.method for level, chosen in places.chosen.items()} == dict.fromkeys(
        ("county", "prefecture", "province"), subjects.COHORT
    )
    by_method = {score.method: score for score in places.scores["county"]}
    assert by_method[subjects.COHORT].mase < 1 < by_method[NAIVE].mase
    assert by_method[subjects.COHORT].naive_mase == by_method[NAIVE].mase, "held against the same years"


def test_areas_are_the_sums_of_their_counties_in_every_way(places) -> None:
    of = {area.area_code: area for area in places.areas}
    assert set(of) == {"330106", "330108", "330100", "330000"}
    for point in of["330000"].points:
        parts = [
            part.value
            for code in ("330106", "330108")
            for part in of[code].points
            if (part.method, part.year) == (point.method, point.year)
        ]
        assert point.value == pytest.approx(sum(parts))


def test_the_error_is_told_with_every_forecast(places) -> None:
    for area in places.areas:
        assert area.chosen == subjects.COHORT
        assert all(word in area.note for word in ("MASE", "naive", "MAPE", "% interval held in", "origins 2021-2025"))
        assert {point.year for point in area.points if point.method == area.chosen} == set(range(2027, 2032))
        assert all(point.value_low <= point.value <= point.value_high for point in area.points)


def test_where_a_trend_breaks_the_last_value_is_published_and_named() -> None:
    walk = (100.0, 120, 140, 160, 180, 160, 140, 160, 180, 160)
    rows = [
        ("teachers", "primary", code, year, value + shift)
        for code, shift in (("330106", 0), ("330108", 30))
        for year, value in zip(YEARS, walk, strict=True)
    ]
    (told,) = tell(History(rows))
    (area,) = [area for area in told.areas if area.area_code == "330000"]
    chosen = told.chosen["province"]
    assert chosen is not None
    assert chosen.method == NAIVE
    assert "no method beat it" in area.note
    assert "exponential smoothing" in area.note
    assert {point.value for point in area.points if point.method == NAIVE} == {
        sum(row[4] for row in rows if row[3] == 2026)
    }


def test_a_short_history_needs_the_return_and_the_years_by_name() -> None:
    rows = [*_births("330106"), *_kindergartens("330106", years=range(2022, 2027))]
    (told,) = tell(History(rows))
    assert {area.area_code for area in told.areas} == {"330106", "330000"}
    for area in told.areas:
        assert area.chosen is None
        assert area.points == []
        assert "returns.schools" in area.note
        assert f"{2026 - LEAST_YEARS + 1} to 2026" in area.note


def test_a_county_whose_last_year_is_missing_is_left_out_of_the_sums_and_they_say_so() -> None:
    rows = [
        *_births("330106"), *_births("330108"), *_kindergartens("330106"),
        *_kindergartens("330108", years=range(2017, 2026)),
    ]  # fmt: skip
    (told,) = tell(History(rows))
    of = {area.area_code: area for area in told.areas}
    assert of["330108"].chosen is None
    assert of["330106"].chosen == subjects.COHORT
    assert "left out" in of["330000"].note
    assert "left out" not in of["330106"].note


def test_entrants_are_students_now_less_those_before_and_the_graduates_between() -> None:
    rows = [
        *[("students", "total", "330000", year, 1_000.0 + 10 * (year - 2017)) for year in YEARS],
        *[("graduates", "total", "330000", year, 250.0) for year in range(2017, 2026)],
    ]
    (told,) = tell(History(rows))
    (series,) = told.subject.counties
    assert told.subject.indicator_code == subjects.ENTRANTS
    assert series.values == dict.fromkeys(range(2018, 2027), 260.0)


def test_learners_of_senior_universities_wait_for_their_years() -> None:
    rows = [("senior_learners", "total", "330106", year, 40.0) for year in (2024, 2025)]
    (told,) = tell(History(rows))
    assert all(area.chosen is None and "senior.enrolments" in area.note for area in told.areas)


def test_seniors_follow_the_people_of_sixty_and_over() -> None:
    ages = {59: 20.0, 58: 40.0, 57: 80.0, 70: 200.0}
    rows = [
        *[("senior_learners", "total", "330106", year, 20.0 + (year - 2016) % 2) for year in range(2016, 2026)],
        *[
            ("residents", str(age), "330106", year, people)
            for year in range(2016, 2026)
            for age, people in ages.items()
        ],
    ]
    (told,) = tell(History(rows))
    (series,) = told.subject.counties
    expected = series.methods[subjects.COHORT](2025, 2028)
    rate = (20 + 21 + 21) / 600 if series.values[2023] == 21 else (21 + 20 + 21) / 600
    assert expected == pytest.approx({2026: rate * 220, 2027: rate * 260, 2028: rate * 340})


def test_places_are_foretold_as_long_as_the_children_are_born() -> None:
    rows = [
        ("pupils", stage, "330106", year, 100.0) for stage in ("kindergarten", "primary", "junior") for year in YEARS
    ]  # fmt: skip
    by_stage = {told.member: told for told in subjects.subjects(History([*_births("330106"), *rows]))}
    assert subjects.until(by_stage["kindergarten"], subjects.COHORT, 2025) == 2031
    assert subjects.until(by_stage["primary"], subjects.COHORT, 2025) == 2032
    assert subjects.until(by_stage["junior"], subjects.COHORT, 2025) == 2036, "no farther than school year 2035/36"
    assert subjects.until(by_stage["primary"], NAIVE, 2025) == 2031


def test_a_chart_has_a_line_a_year() -> None:
    lines = chart({2025: 100.0, 2026: 50.0}, [(2027, 60.0, 40.0, 80.0)])
    assert len(lines) == 3
    assert lines[0].count("█") == 40
    assert lines[1].count("█") == 20
    assert "◆" in lines[2]
    assert "40–80" in lines[2]
    assert chart({}, []) == []
