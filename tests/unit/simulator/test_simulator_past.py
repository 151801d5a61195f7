"""Earlier years: whole counts of people, teachers' last posts, pupils who left, terms of seniors."""

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

import pytest

from simulator.divisions import COUNTIES, HEADLINE, SCHOOL_AGENCIES, SENIOR_AGENCIES, STATS_AGENCIES

_DAYS = {year: "2020-11-01" if year == 2020 else f"{year}-12-31" for year in range(2016, 2026)}
"""Years are counted at their end, but for the year of the census."""


@pytest.fixture(scope="module")
def counts(written) -> dict[tuple[str, str, str], dict[tuple[int, str], int]]:
    """Base, day and county → age and sex → people."""
    found = defaultdict(dict)
    for agency in STATS_AGENCIES:
        for row in written.sound(agency, "population_by_age"):
            cell = (int(row["age"]), row["sex"])
            of_county = found[row["base"], row["reference_date"], row["division_code"]]
            assert cell not in of_county
            of_county[cell] = int(row["population"])
    return found


def test_every_year_base_and_county_has_every_age_of_both_sexes(counts) -> None:
    wanted = {
        (base, day, county.code) for base in ("resident", "registered") for day in _DAYS.values() for county in COUNTIES
    }
    assert counts.keys() == wanted
    whole = {(age, sex) for age in range(101) for sex in ("male", "female")}
    held_back = {("resident", "2025-12-31", county.code) for county in COUNTIES if not county.headline}
    for key, cells in counts.items():
        assert cells.keys() <= whole
        assert (cells.keys() == whole) == (key not in held_back), key
        assert min(cells.values()) >= 0


def test_a_cohort_grows_older_from_year_to_year(counts) -> None:
    """Who was born in 2012 is four in 2016 and thirteen in 2025, more by the moves to a city and fewer elsewhere."""
    for county in HEADLINE:
        ages = [
            sum(counts["resident", day, county.code][year - 2012, sex] for sex in ("male", "female"))
            for year, day in _DAYS.items()
        ]
        steps = [later - earlier for earlier, later in pairwise(ages)]
        outward = 1 if county.landscape == "city" else -1
        assert all(outward * step >= -2 for step in steps), (county.code, ages)
        grown = {"city": 1.12, "mountain": 0.9, "island": 0.92}[county.landscape]
        assert ages[-1] / ages[0] == pytest.approx(grown, abs=0.08)


def test_the_registered_are_fewer_in_cities_and_more_elsewhere(counts) -> None:
    for county in HEADLINE:
        for day in _DAYS.values():
            residents, registered = (
                sum(counts[base, day, county.code].values()) for base in ("resident", "registered")
            )
            wanted = {"city": 0.72, "mountain": 1.35, "island": 1.2}[county.landscape]
            assert registered / residents == pytest.approx(wanted, rel=0.03)


def test_most_teachers_taught_at_their_school_a_year_ago_and_others_came_and_went(written) -> None:
    moves = Counter()
    for agency in SCHOOL_AGENCIES:
        now, before = defaultdict(set), defaultdict(set)
        for row in written.sound(agency, "enrollments"):
            if row["role"] == "teacher":
                now[row["userSourcedId"]].add(row["schoolSourcedId"])
        for row in written.sound(agency, "roles"):
            if row["role"] == "teacher":
                on = before if row["beginDate"] == "2024-09-01" else now
                on[row["userSourcedId"]].add(row["orgSourcedId"])
        for user in now.keys() | before.keys():
            kind = "left" if user not in now else "entered" if user not in before else "both"
            moves[kind if kind != "both" else "stayed" if now[user] & before[user] else "moved"] += 1
    assert moves["stayed"] > 0.8 * moves.total()
    assert min(moves["moved"], moves["entered"], moves["left"]) >= 3, moves


def test_who_left_in_2024_looks_for_work_and_studies_nowhere(written) -> None:
    person_of = {(row["agency_code"], row["record_id"]): row["person_no"] for row in written.truth("people")}
    left = {
        person_of[agency, row["userSourcedId"]]
        for agency in SCHOOL_AGENCIES
        for row in written.sound(agency, "enrollments")
        if row["endDate"] == "2024-07-01"
    }
    begun: dict[str, date] = {}
    for row in written.sound("hr-zhejiang", "employments"):
        person, start = person_of["hr-zhejiang", row["employment_id"]], date.fromisoformat(row["start_date"])
        begun[person] = min(start, begun.get(person, start))
    at_university = {person for (agency, _), person in person_of.items() if agency.startswith("ou-")}
    assert 90 < len(left) <= 100
    assert not left & at_university
    hired = [begun[one] for one in left & begun.keys()]
    soon, later = (sum(day < until for day in hired) for until in (date(2025, 1, 1), date(2025, 7, 1)))
    assert 20 < soon < later < len(left)
    assert min(hired) >= date(2024, 7, 1)


def test_senior_registers_tell_eight_years_that_grow(written) -> None:
    for agency in SENIOR_AGENCIES:
        came = defaultdict(set)
        for row in written.sound(agency, "enrolments"):
            came[int(row["term"][:4])].add(row["student_card_no"])
        years = [len(came[year]) for year in sorted(came)]
        assert sorted(came) == list(range(2018, 2026))
        assert all(0.9 * before <= after for before, after in pairwise(years)), years
