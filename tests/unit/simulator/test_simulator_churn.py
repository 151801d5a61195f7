"""From one delivery to the next exactly those records change that the truth lists."""

from collections import Counter
from pathlib import Path

import pytest

from simulator import write_province
from simulator.churn import plan_churn
from simulator.defects import plan_defects
from simulator.divisions import LABOUR_AGENCY, SCHOOL_AGENCIES, SENIOR_AGENCIES, STATS_AGENCIES
from simulator.layouts import ENTITY, LABOUR_KEYS, ONEROSTER, OULAD, OULAD_KEYS, POPULATION, SENIOR
from simulator.plan import make_plan

_UNIVERSITIES = ("ou-zhejiang", "ou-ningbo")
_SENIOR_KEY = tuple(list(SENIOR).index(name) for name in ("school_code", "term", "class_id", "student_card_no"))
_KEYS = {
    **{(agency, ENTITY.get(name, name)): (0,) for agency in SCHOOL_AGENCIES for name in ONEROSTER},
    **{(agency, ENTITY.get(name, name)): OULAD_KEYS[name] for agency in _UNIVERSITIES for name in OULAD},
    **{(LABOUR_AGENCY, ENTITY[name]): (place,) for name, place in LABOUR_KEYS.items()},
    **{(agency, "enrolments"): _SENIOR_KEY for agency in SENIOR_AGENCIES},
}


def _between(before, after, agency, entity) -> Counter[tuple[str, str]]:
    """What changed, found by comparing two files: (gone | came | other, record)."""
    old, new = (_rows(written, agency, entity) for written in (before, after))
    key = _KEYS[agency, entity]
    lost, gained = (
        Counter("|".join(row[place] for place in key) for row in rows.elements()) for rows in (old - new, new - old)
    )
    changes: Counter[tuple[str, str]] = Counter()
    for record in lost | gained:
        if lost[record] and gained[record]:
            changes["other", record] += 1
        else:
            changes["gone" if lost[record] else "came", record] += lost[record] + gained[record]
    return changes


def _rows(written, agency, entity) -> Counter[tuple[str, ...]]:
    if agency in SENIOR_AGENCIES:  # record ids are made of codes, the files of words
        return Counter(tuple(row.values()) for _, row in written.rows(agency, entity))
    return Counter(map(tuple, written.lines(agency, entity)))


@pytest.mark.parametrize("day", [2, 3])
@pytest.mark.parametrize(("agency", "entity"), sorted(_KEYS))
def test_files_differ_from_the_day_before_as_listed(days, day, agency, entity) -> None:
    kinds = {"new": "came", "reappeared": "came", "disappeared": "gone", "corrected": "other"}
    listed = Counter(
        (kinds[change["change"]], change["record_id"])
        for change in days[day].truth("changes")
        if (change["agency_code"], change["entity"]) == (agency, entity)
    )
    assert _between(days[day - 1], days[day], agency, entity) == listed


@pytest.mark.parametrize("agency", [*SCHOOL_AGENCIES, *_UNIVERSITIES, LABOUR_AGENCY, *SENIOR_AGENCIES])
def test_every_kind_of_change_occurs(days, agency) -> None:
    changes = {
        day: {change["change"] for change in days[day].truth("changes") if change["agency_code"] == agency}
        for day in (1, 2, 3)
    }
    if agency not in _UNIVERSITIES:
        assert changes == {1: set(), 2: {"new", "corrected", "disappeared"}, 3: {"new", "corrected", "reappeared"}}
    assert "new" in changes[2]
    assert "reappeared" not in changes[2]
    assert "disappeared" not in changes[3]


def test_one_person_of_each_group_returns_on_the_third_day() -> None:
    plan = make_plan(2_000, 1)
    defects = plan_defects(plan)
    second, third = plan_churn(plan, defects, 2), plan_churn(plan, defects, 3)
    for group in second.groups:
        gone = {number for number, fate in second.groups[group].fates.items() if not fate.present}
        still = {number for number, fate in third.groups[group].fates.items() if not fate.present}
        assert len(gone - still) == 1
        assert still < gone


def test_nobody_with_a_defect_changes() -> None:
    plan = make_plan(5_000, 3)
    defects = plan_defects(plan)
    churn = plan_churn(plan, defects, 10)
    for agency in SCHOOL_AGENCIES:
        assert not churn.groups[agency].fates.keys() & defects.pupils[agency].keys()
    assert not churn.groups["universities"].fates.keys() & defects.adults.keys()
    assert not churn.groups[LABOUR_AGENCY].fates.keys() & defects.workers.keys()
    for agency in SENIOR_AGENCIES:
        assert not churn.groups[agency].fates.keys() & defects.seniors[agency].keys()
    numbers = [newcomer.no for group in churn.groups for newcomer in churn.newcomers(group)]
    assert len(numbers) == len(set(numbers))
    assert min(numbers) >= plan.people


def test_some_change_employer_and_others_lose_a_spell(days) -> None:
    second = [row for row in days[2].truth("changes") if row["entity"] == "employments"]
    of = {change: {row["record_id"] for row in second if row["change"] == change} for change in ("new", "corrected")}
    before = {row["employment_id"]: row for _, row in days[1].rows(LABOUR_AGENCY, "employments")}
    after = {row["employment_id"]: row for _, row in days[2].rows(LABOUR_AGENCY, "employments")}
    moved = [record for record in of["corrected"] if after[record]["end_date"] != before[record]["end_date"]]
    for record in moved:
        person, number = record.split("-")
        begun = after[f"{person}-{int(number) + 1}"]
        assert before[record]["end_date"] == ""
        assert after[record]["end_date"] == "2025-12-31"
        assert begun["start_date"] == "2026-01-01"
        assert begun["employment_id"] in of["new"]
        assert begun["employer_uscc"] != before[record]["employer_uscc"]
    assert moved
    gone = before.keys() - after.keys()
    assert len(gone) == 2
    assert all(any(other.startswith(record[:9]) for other in after) for record in gone), "only a spell, not the person"


@pytest.mark.parametrize("agency", SENIOR_AGENCIES)
def test_some_seniors_leave_their_class(days, agency) -> None:
    corrected = [
        row["record_id"]
        for day in (2, 3)
        for row in days[day].truth("changes")
        if (row["agency_code"], row["change"]) == (agency, "corrected")
    ]
    now = {
        "|".join(row[name] for name in ("school_code", "term", "class_id", "student_card_no")): row
        for _, row in days[3].rows(agency, "enrolments")
    }
    left = [record for record in corrected if now[record]["status"] == "withdrawn"]
    assert left
    assert all(now[record]["withdraw_reason"] for record in left)


@pytest.mark.parametrize("agency", STATS_AGENCIES)
def test_bureaus_of_statistics_mend_their_returns_once(days, agency) -> None:
    before = dict(days[1].rows(agency, "population_by_age"))
    after = dict(days[2].rows(agency, "population_by_age"))
    mended = ["|".join(after[line][name] for name in POPULATION[:5]) for line in after if after[line] != before[line]]
    listed = [
        change["record_id"]
        for change in days[2].truth("changes")
        if change["agency_code"] == agency and change["entity"] == "population_by_age"
    ]
    assert mended == listed
    assert len(mended) >= 2
    assert all(int(row["population"]) >= 0 for row in after.values())
    assert all(
        int(row["pop"]) == int(row["pop_m"]) + int(row["pop_f"]) for _, row in days[2].rows(agency, "county_yearbook")
    )
    assert not (days[3].root / agency).exists()


def test_a_later_day_stands_beside_the_first(tmp_path: Path) -> None:
    write_province(tmp_path, learners=1_000)
    first = (tmp_path / "truth" / "expected.json").read_bytes()
    province = write_province(tmp_path, learners=1_000, day=2)
    assert sorted(path.name for path in (tmp_path / "sch-lishui").iterdir()) == [
        "oneroster_20251231.zip",
        "oneroster_20260101.zip",
    ]
    assert province.truth == tmp_path / "truth" / "day2"
    assert (tmp_path / "truth" / "expected.json").read_bytes() == first


@pytest.mark.parametrize("day", [0, 11])
def test_days_outside_the_plan_are_refused(tmp_path: Path, day: int) -> None:
    with pytest.raises(ValueError, match="day must be between 1 and 10"):
        write_province(tmp_path / "none", learners=1_000, day=day)
    assert not (tmp_path / "none").exists()
