"""The expected numbers, counted again from the files alone."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from simulator.divisions import COUNTIES, HEADLINE, SCHOOL_AGENCIES, STATS_AGENCIES

_UNIVERSITIES = ("ou-zhejiang", "ou-ningbo")
_YEARS = {"unschooled": 0, "preschool": 0, "primary": 6, "junior": 9, "senior": 12, "jcollege": 16, "bachelor_plus": 16}


@pytest.fixture(scope="module")
def person_of(written) -> dict[tuple[str, str], tuple[str, str]]:
    """Person number and state of the id by (agency, record)."""
    return {
        (row["agency_code"], row["record_id"]): (row["person_no"], row["id_state"]) for row in written.truth("people")
    }


def test_books_balance_to_the_row(written) -> None:
    for agency, entities in written.expected["books"].items():
        for entity, book in entities.items():
            assert book["received"] == len(written.lines(agency, entity)) - 1, (agency, entity)
            assert book["received"] == book["released"] + book["quarantined"] + book["duplicate"], (agency, entity)
            assert book["released"] == len(list(written.sound(agency, entity)))


def test_expected_lists_the_defects_by_kind(written) -> None:
    counts = defaultdict(Counter)
    for defect in written.defects:
        counts[defect["agency_code"]][defect["kind"]] += 1
    assert written.expected["defects"] == {agency: dict(kinds) for agency, kinds in counts.items()}


def test_school_size_bands_follow_from_released_enrolments(written) -> None:
    bands = {county.code: Counter() for county in HEADLINE}
    sizes = []
    for agency in SCHOOL_AGENCIES:
        pupils = defaultdict(set)
        for row in written.sound(agency, "enrollments"):
            if row["role"] == "student" and row["beginDate"] <= "2025-09-01" < row["endDate"]:
                pupils[row["schoolSourcedId"]].add(row["userSourcedId"])
        for row in written.sound(agency, "orgs"):
            if row["type"] == "school":
                size = len(pupils[row["sourcedId"]])
                sizes.append(size)
                band = "under_100" if size < 100 else "over_2000" if size > 2000 else "from_100_to_2000"
                bands[row["metadata.cn.divisionCode"]][band] += 1
    assert {
        code: {band: count for band, count in counts.items() if count}
        for code, counts in written.expected["indicators"]["school_size_bands"]["counties"].items()
    } == {code: dict(counts) for code, counts in bands.items()}
    assert {0, 99, 100} <= set(sizes), "schools on the edges of the bands"
    assert sizes.count(99) >= 2, "one has 101 on paper: a pupil came late, another never"
    assert max(sizes) <= 600


@pytest.fixture(scope="module")
def seen_taking_part(written, person_of) -> tuple[dict[str, set[str]], Counter[str]]:
    """Persons aged 25-64 with released activity in the window by county, and student records without a usable id."""
    starts = {"2024J": date(2024, 10, 1), "2025B": date(2025, 2, 1), "2025J": date(2025, 10, 1)}
    active: set[tuple[str, str]] = set()
    files = {}
    for agency in _UNIVERSITIES:
        code_of = {row["id_assessment"]: row for row in written.sound(agency, "assessments")}
        for row in written.sound(agency, "student_vle"):
            _see(active, agency, row["id_student"], starts[row["code_presentation"]], row["date"])
        for row in written.sound(agency, "student_assessment"):
            if row["is_banked"] == "0":
                start = starts[code_of[row["id_assessment"]]["code_presentation"]]
                _see(active, agency, row["id_student"], start, row["date_submitted"])
        for row in written.sound(agency, "student_info"):
            record = f"{row['code_module']}|{row['code_presentation']}|{row['id_student']}"
            files[agency, row["id_student"]] = (*person_of[agency, record], row)
    participants: dict[str, set[str]] = defaultdict(set)
    unlinked: Counter[str] = Counter()
    for student in active:
        person, state, row = files[student]
        born, home = date.fromisoformat(row["cn_birth_date"]), row["cn_residence_division"]
        if 25 <= 2025 - born.year <= 64:  # on 31 December everyone has had their birthday
            if state == "valid":
                participants[home].add(person)
            else:
                unlinked[home] += 1
    return participants, unlinked


def test_participation_follows_from_released_activity(written, seen_taking_part) -> None:
    participants, unlinked = seen_taking_part
    expected = written.expected["indicators"]["lifelong_participation_25_64"]
    for code, county in expected["counties"].items():
        assert county["participants"] == len(participants[code]), code
        assert county["unlinked_records"] == unlinked[code], code
    assert expected["residence_unknown"]["participants"] == len(participants["?"])
    assert sum(unlinked.values()) > 0


def _see(active: set[tuple[str, str]], agency: str, student: str, start: date, day: str) -> None:
    if date(2024, 12, 31) < start + timedelta(days=int(day)) <= date(2025, 12, 31):
        active.add((agency, student))


def test_participation_rates_have_the_population_of_the_returns(written) -> None:
    people = Counter()
    for agency in STATS_AGENCIES:
        for row in written.residents_today(agency):
            if 25 <= int(row["age"]) <= 64:
                people[row["division_code"]] += int(row["population"])
    for code, county in written.expected["indicators"]["lifelong_participation_25_64"]["counties"].items():
        assert county["population"] == people[code]
        assert 5 <= Decimal(county["pct"]) <= 25, code
        assert county["participants"] >= 10


def test_witnesses_count_as_they_say(written, person_of, seen_taking_part) -> None:
    participants = set().union(*seen_taking_part[0].values())
    witnesses = [row for row in written.truth("witnesses") if row["indicator"] == "lifelong_participation_25_64"]
    assert len(witnesses) == 16, "fifteen people, one of them at both universities"
    for witness in witnesses:
        person, _ = person_of[witness["agency_code"], witness["record_id"]]
        assert (person in participants) == (witness["counts"] == "true"), witness["why"]


def test_mean_years_follow_the_published_formula(written) -> None:
    expected = written.expected["indicators"]["mean_years_schooling"]
    found = {}
    for agency in STATS_AGENCIES:
        for _, row in written.rows(agency, "county_yearbook"):
            counts = {level: _whole(row[f"edu_{level}_m"]) + _whole(row[f"edu_{level}_f"]) for level in _YEARS}
            exact = sum(_YEARS[level] * count for level, count in counts.items()) / sum(counts.values())
            found[row["code"]] = exact
            assert abs(float(row["mys"]) - exact) <= 0.005000001
    for county in HEADLINE:
        assert expected[county.code]["exact"] == pytest.approx(found[county.code], abs=1e-12)
        assert abs(float(expected[county.code]["years"]) - found[county.code]) <= 0.005000001
    assert len({round(years, 1) for years in found.values()}) > 4, "counties differ"


@pytest.mark.parametrize("agency", STATS_AGENCIES)
def test_yearbook_rows_are_the_sums_of_the_single_ages(written, agency) -> None:
    cells = {
        (row["division_code"], int(row["age"]), row["sex"][0]): int(row["population"])
        for row in written.residents_today(agency)
    }
    headline = {county.code for county in COUNTIES if county.headline}
    for _, row in written.rows(agency, "county_yearbook"):
        code = row["code"]
        if code not in headline:
            continue
        for sex in "mf":
            ages = {age: cells[code, age, sex] for age in range(101)}
            assert int(row[f"pop_{sex}"]) == sum(ages.values())
            groups = {column: _whole(value) for column, value in row.items() if column.startswith(f"{sex}_")}
            assert sum(groups.values()) == sum(ages.values())
            assert groups[f"{sex}_0"] == ages[0]
            assert groups[f"{sex}_20_24"] == sum(ages[age] for age in range(20, 25))
            assert groups[f"{sex}_85plus"] == sum(ages[age] for age in range(85, 101))
            stated = sum(_whole(row[f"edu_{level}_{sex}"]) for level in _YEARS)
            assert stated == sum(count for age, count in ages.items() if age >= 3)
        assert int(row["pop"]) == int(row["pop_m"]) + int(row["pop_f"])
        assert int(row["pop"]) == int(row["pop_urban"]) + int(row["pop_rural"])


def test_every_learner_is_in_the_population(written, person_of) -> None:
    """No cell of the returns is smaller than the learners the files put into it."""
    known: Counter[tuple[str, int, str]] = Counter()
    counted = set()
    for agency in _UNIVERSITIES:
        for row in written.sound(agency, "student_info"):
            record = f"{row['code_module']}|{row['code_presentation']}|{row['id_student']}"
            person = person_of[agency, record][0]
            if person not in counted and row["cn_residence_division"] != "?":
                counted.add(person)
                age = 2025 - int(row["cn_birth_date"][:4])
                known[row["cn_residence_division"], age, "male" if row["gender"] == "M" else "female"] += 1
    returns = {
        (row["division_code"], int(row["age"]), row["sex"]): int(row["population"])
        for agency in STATS_AGENCIES
        for row in written.residents_today(agency)
    }
    assert all(returns[cell] >= count for cell, count in known.items())


def test_learners_are_exactly_as_many_as_asked_for(written, person_of) -> None:
    persons = written.expected["persons"]
    assert persons["learners"] == 5_000
    assert persons["people"] == len({person for person, _ in person_of.values()})
    valid = {person for person, state in person_of.values() if state == "valid"}
    assert persons["distinct_resident_ids"] == len(valid)


def test_people_live_through_several_sectors_under_one_id(written, person_of) -> None:
    ids = {}
    for agency in SCHOOL_AGENCIES:
        for _, row in written.rows(agency, "users"):
            ids[agency, row["sourcedId"]] = row["userMasterIdentifier"]
    for agency in _UNIVERSITIES:
        for row in written.sound(agency, "student_info"):
            record = f"{row['code_module']}|{row['code_presentation']}|{row['id_student']}"
            ids[agency, record] = row["cn_resident_id"]
    agencies, numbers = defaultdict(set), defaultdict(set)
    for (agency, record), (person, state) in person_of.items():
        agencies[person].add(agency)
        if state == "valid" and (agency, record) in ids and len(ids[agency, record]) == 18:
            numbers[person].add(ids[agency, record].upper().translate({0xFF10 + d: str(d) for d in range(10)}))
    assert max(len({n.replace("Ｘ", "X") for n in spellings}) for spellings in numbers.values()) == 1
    everyone = [n for spellings in numbers.values() for n in {n.replace("Ｘ", "X") for n in spellings}]
    assert len(everyone) == len(set(everyone)), "no id belongs to two people"
    both_universities = [person for person, seen in agencies.items() if seen >= set(_UNIVERSITIES)]
    school_and_university = [
        person for person, seen in agencies.items() if seen & set(SCHOOL_AGENCIES) and seen & set(_UNIVERSITIES)
    ]
    assert len(both_universities) > 50
    assert len(school_and_university) > 100


def test_leavers_of_july_start_at_a_university_in_october(written, person_of) -> None:
    left = set()
    for agency in SCHOOL_AGENCIES:
        for row in written.sound(agency, "enrollments"):
            if row["role"] == "student" and row["endDate"] == "2025-07-01":
                left.add(person_of[agency, row["userSourcedId"]][0])
    codes = defaultdict(set)
    for agency in _UNIVERSITIES:
        for row in written.sound(agency, "student_info"):
            record = f"{row['code_module']}|{row['code_presentation']}|{row['id_student']}"
            codes[person_of[agency, record][0]].add(row["code_presentation"])
    studying = left & codes.keys()
    assert len(left) == 200
    assert 70 < len(studying) < 130
    assert all(codes[person] == {"2025J"} for person in studying)


def test_teachers_study_and_teach_under_one_identity(written, person_of) -> None:
    students = {person for (agency, _), (person, _) in person_of.items() if agency in _UNIVERSITIES}
    teachers = {
        person_of[agency, row["userSourcedId"]][0]
        for agency in SCHOOL_AGENCIES
        for row in written.sound(agency, "roles")
        if row["role"] in ("teacher", "principal")
    }
    assert len(teachers & students) == 60


def test_some_student_numbers_name_different_people_at_the_two_universities(written, person_of) -> None:
    people = [defaultdict(set), defaultdict(set)]
    for number, agency in enumerate(_UNIVERSITIES):
        for row in written.sound(agency, "student_info"):
            record = f"{row['code_module']}|{row['code_presentation']}|{row['id_student']}"
            people[number][row["id_student"]].add(person_of[agency, record][0])
    shared = people[0].keys() & people[1].keys()
    assert any(people[0][student] != people[1][student] for student in shared)


def _whole(text: str) -> int:
    return int(float(text))
