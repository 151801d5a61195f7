"""The statistical returns agree with the other agencies' files, and with what is promised of them."""

import csv
from collections import Counter, defaultdict

import pytest

from pipeline import contracts
from pipeline.settings import CHECKOUT
from simulator import write_province
from simulator.cohorts import SCHOOL_YEARS
from simulator.divisions import COUNTIES, HEADLINE, POLICY_AGENCY, SCHOOL_AGENCIES, STATS_AGENCIES
from simulator.layouts import RETURN_KEYS, RETURNS

_STAGES = {"11": "kindergarten", "21": "primary", "31": "junior", "34": "senior"}
_WEIGHTS = {
    "ordinary_ug": 1, "postgrad": 1, "adult_fulltime": 1, "adult_evening": 0.5, "adult_corresp": 0.5, "network": 0.5,
    "selfexam_grads": 1.5, "inservice_degree": 1, "course_class": 0.5, "military": 1,
}  # fmt: skip


def _sound(written, name) -> list[dict[str, str]]:
    return list(written.sound(POLICY_AGENCY, name))


@pytest.fixture(scope="module")
def schools(written) -> list[dict[str, str]]:
    return _sound(written, "schools")


@pytest.mark.parametrize("name", RETURNS)
def test_a_return_has_the_columns_and_the_key_of_its_contract(name) -> None:
    contract = next(c for c in contracts.of_source(CHECKOUT / "contracts", "returns") if c.entity == name)
    assert [field.name for field in contract.fields] == list(RETURNS[name])
    assert [field.name for field in contract.key_fields] == list(RETURNS[name][: RETURN_KEYS[name]])


def test_pupils_of_the_last_year_are_those_of_the_bundles(written, schools) -> None:
    pupils = defaultdict(set)
    known = {}
    for agency in SCHOOL_AGENCIES:
        for row in written.sound(agency, "orgs"):
            if row["type"] == "school":
                known[row["identifier"]] = row
        for row in written.sound(agency, "enrollments"):
            if row["role"] == "student" and row["beginDate"] <= "2025-09-01" < row["endDate"]:
                pupils[row["schoolSourcedId"]].add(row["userSourcedId"])
    now = {row["school_code"]: row for row in schools if row["school_year"] == "2026"}
    alone = now.keys() - known.keys()
    assert known.keys() <= now.keys()
    assert all(code.startswith("11337") for code in alone)
    assert alone, "private kindergartens that send no bundle"
    for code, org in known.items():
        row = now[code]
        assert int(row["headcount"]) == len(pupils[code]), code
        assert row["division_code"] == org["metadata.cn.divisionCode"]
        assert row["urban_rural"] == org["metadata.cn.urbanRural"]
        assert row["ownership"].split("_")[0] == org["metadata.cn.ownership"]


def test_earlier_years_follow_the_cohorts(written, schools) -> None:
    births = Counter()
    for row in _sound(written, "births_migration"):
        if row["base"] == "resident":
            births[row["division_code"], int(row["year"])] += int(row["births"])
    children = Counter()
    for row in schools:
        if row["school_kind"] == "11":
            children[row["division_code"], int(row["school_year"])] += int(row["headcount"])
    assert {year for _, year in children} == set(SCHOOL_YEARS)
    for county in HEADLINE:
        # children of 3 to 5 in autumn 2017 and in autumn 2025
        then, now = (
            sum(births[county.code, year - age] for age in (3, 4, 5)) for year in (2017, 2025)
        )  # fmt: skip
        ratio = children[county.code, 2018] / children[county.code, 2026]
        assert ratio == pytest.approx(then / now, rel=0.25), county.code


def test_births_and_moves_become_the_population(written) -> None:
    grown = {"city": 1.25, "mountain": 0.82, "island": 0.85}
    people = Counter()
    for agency in STATS_AGENCIES:
        for row in written.residents_today(agency):
            people[row["division_code"], int(row["age"])] += int(row["population"])
    rows = _sound(written, "births_migration")
    births = Counter()
    for row in rows:
        births[row["base"], row["division_code"], int(row["year"])] += int(row["births"])
    assert len(rows) == 10 * 20 * 2 * 2
    for county in COUNTIES:
        resident, registered = (
            sum(births[base, county.code, year] for year in range(2006, 2026)) for base in ("resident", "registered")
        )
        assert people[county.code, 18] == pytest.approx(
            births["resident", county.code, 2007] * grown[county.landscape], abs=2
        )
        assert people[county.code, 0] == births["resident", county.code, 2025]
        assert (registered < resident * 0.8) if county.landscape == "city" else (registered > resident * 1.1)


def test_higher_education_has_the_scale_it_promises(written) -> None:
    of_age = 0
    for agency in STATS_AGENCIES:
        of_age += sum(int(row["population"]) for row in written.residents_today(agency) if 18 <= int(row["age"]) <= 22)
    heads = Counter()
    for row in _sound(written, "higher_education"):
        heads[row["form"], int(row["school_year"])] += int(row["headcount"])
    assert {form for form, _ in heads} == set(_WEIGHTS)
    scale = sum(weight * heads[form, 2026] for form, weight in _WEIGHTS.items())
    assert scale / of_age == pytest.approx(0.62, abs=0.02)
    graduates = [row for row in _sound(written, "graduates") if row["year"] == "2025" and row["isced_level"] in "56"]
    assert sum(int(row["graduates"]) for row in graduates) == pytest.approx(heads["ordinary_ug", 2025] / 3.8, rel=0.05)


def test_the_sums_in_the_truth_are_those_of_the_files(written, schools) -> None:
    expected = written.expected["returns"]
    counted: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in schools:
        if row["school_year"] == "2026":
            words = {word: int(row[word]) for word in ("places", "headcount", "full_time_teachers")}
            counted[row["division_code"]][_STAGES[row["school_kind"]]].update({**words, "schools": 1})
    assert expected["schools"]["counties"] == counted
    vacant = Counter()
    for row in _sound(written, "vacancies"):
        vacant[row["occupation_code"]] += int(row["vacancies"]) if row["month"] == "2025-12" else 0
    assert expected["vacancies"]["occupations"] == vacant
    came = Counter()
    for row in _sound(written, "community_learning"):
        came[row["division_code"]] += int(row["attendances"]) if row["month"] >= "2025-01" else 0
    assert expected["community_learning"]["attendances"] == came


def test_pairs_groups_and_months_are_whole(written, schools) -> None:
    codes = {row["school_code"] for row in schools}
    paired = [row for row in schools if row["paired_school_code"]]
    assert {row["paired_school_code"] for row in paired} <= codes
    assert all(row["paired_school_code"] != row["school_code"] for row in paired)
    assert {row["division_code"] for row in schools if row["education_group"]} >= {"330106"}
    assert {row["ownership"] for row in schools} == {"public", "private", "private_inclusive"}
    assert len({row["month"] for row in _sound(written, "vacancies")}) == 36
    units = {
        row["unit"] for row in _sound(written, "surveys") if row["indicator_code"] == "culture_entertainment_spending"
    }
    assert units == {"cny", "percent"}


def test_the_returns_stay_small_and_are_sent_once(tmp_path, days) -> None:
    folder = days[1].root / POLICY_AGENCY / "returns_20251231"
    rows = sum(sum(1 for _ in csv.reader(path.open(encoding="utf-8"))) - 1 for path in folder.iterdir())
    assert 4_000 < rows < 6_000
    assert not (days[2].root / POLICY_AGENCY).exists()
    assert "returns" not in days[2].expected


def test_another_agency_is_not_moved_by_the_returns(tmp_path, monkeypatch) -> None:
    """What the returns draw they draw apart: without them every other file is the same to the byte."""
    write_province(tmp_path / "with", learners=1_000, seed=4)
    monkeypatch.setattr("simulator.province.write_returns", lambda *_: None)
    write_province(tmp_path / "without", learners=1_000, seed=4)
    for path in sorted((tmp_path / "without").rglob("*")):
        if path.is_file() and path.parent.name != "truth":
            twin = tmp_path / "with" / path.relative_to(tmp_path / "without")
            assert path.read_bytes() == twin.read_bytes(), path
