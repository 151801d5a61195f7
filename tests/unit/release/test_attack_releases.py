"""Whoever keeps every release and knows the rule: bounds over tables with groups, and over two and three releases.

The attacker shares no code with the defence: unknowns are persons in places (county × sex), releases are told apart,
and a change between two of them is unknown. Each attack is shown to succeed once the step that stops it is left out.
"""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.release.provinces import rate
from release import remainders, withholding
from release.candidates import Shown, Value
from release.protection import protected
from release.tables import DEFAULT_RULE

K = DEFAULT_RULE.k
COUNTIES = {
    # county: (prefecture, listed now, in the first list)
    "330101": ("330100", True, True),
    "330102": ("330100", False, False),
    "330103": ("330100", False, False),
    "330201": ("330200", True, True),
    "330202": ("330200", False, True),
    "330203": ("330200", True, True),
}
SEXES = ("female", "male")
PLACES = tuple(itertools.product(COUNTIES, SEXES))
BASE = 5_000
MANY = 100_000
Where = tuple[str, str, str]


def memberships(county: str) -> tuple[str, str]:
    _, listed, first = COUNTIES[county]
    return "listed" if listed else "rest", "mountain26" if first else "rest"


def holds(where: Where, place: tuple[str, str]) -> bool:
    """Whether a person of a place counts in a cell."""
    area, dimension, member = where
    county, sex = place
    if not county.startswith(area.removesuffix("00").removesuffix("00")) and area != "330000":
        return False
    listed, first = memberships(county)
    return {
        "total": True,
        "sex": member == sex,
        "county_group": member == listed,
        "county_group_fixed": member == first,
    }[dimension]


AREAS = ("330000", "330100", "330200", *COUNTIES)
CELLS: tuple[Where, ...] = (
    *((area, "total", "total") for area in AREAS),
    *((area, "sex", sex) for area in AREAS for sex in SEXES),
    *(("330000", "county_group", member) for member in ("listed", "rest")),
    *(("330000", "county_group_fixed", member) for member in ("mountain26", "rest")),
)
INCIDENCE = {where: np.array([holds(where, place) for place in PLACES], dtype=float) for where in CELLS}


def candidates(persons: list[int]) -> list[Value]:
    rows = []
    for where in CELLS:
        area, dimension, member = where
        groups = None
        if area in COUNTIES and dimension == "total":
            groups = "county_group:{},county_group_fixed:{}".format(*memberships(area))
        count = int(INCIDENCE[where] @ np.array(persons))
        base = int(BASE * INCIDENCE[where].sum())
        rows.append(rate("i", "2025", area, dimension, member, count, base, groups))
    return rows


def publish(persons: list[int], before: list[list[Value]]) -> list[Value]:
    table = candidates(persons)[0].slice.table
    earlier = [
        {row.slice.cell: Shown(row.numerator, row.denominator) for row in release if row.numerator is not None}
        for release in before
    ]
    return protected(candidates(persons), {table: earlier})


def seen(release: list[Value]) -> dict[Where, float]:
    return {
        (row.slice.area_code, row.slice.dimension, row.slice.member): row.numerator
        for row in release
        if row.numerator is not None
    }


def bounded(
    aim: np.ndarray, constraints: list[LinearConstraint], unknowns: int, low: float = 0.0
) -> tuple[float, float]:
    ends = [
        milp(sign * aim, constraints=constraints, integrality=np.ones(unknowns), bounds=Bounds(low, MANY))
        for sign in (1, -1)
    ]
    return ends[0].fun, -ends[1].fun


def pinned(release: list[Value]) -> list[Where]:
    """Withheld cells an attacker bounds more tightly than the protection width allows."""
    known = seen(release)
    told = [LinearConstraint(INCIDENCE[where], n, n) for where, n in known.items()]
    hidden = [where for where in CELLS if where not in known]
    widths = {where: bounded(INCIDENCE[where], told, len(PLACES)) for where in hidden}
    return [where for where, (low, high) in widths.items() if high - low < K - 1e-6]


def small_changes(releases: list[list[Value]]) -> list[tuple[Where, ...]]:
    """Slices, and what lines leave over of others, that two releases show to differ by a few persons."""
    found: list[tuple[Where, ...]] = []
    sums = [
        (("330000", "total", "total"), [("330100", "total", "total"), ("330200", "total", "total")]),
        *(
            ((p, "total", "total"), [(c, "total", "total") for c in COUNTIES if COUNTIES[c][0] == p])
            for p in AREAS[1:3]
        ),
        *(((a, "total", "total"), [(a, "sex", sex) for sex in SEXES]) for a in AREAS),
        (
            ("330000", "county_group", "listed"),
            [(c, "total", "total") for c in COUNTIES if memberships(c)[0] == "listed"],
        ),
    ]
    for first, second in itertools.combinations(map(seen, releases), 2):
        both = {where: second[where] - first[where] for where in first.keys() & second.keys()}
        found += [(where,) for where, change in both.items() if 0 < abs(change) < K]
        for total, parts in sums:
            left = [part for part in parts if part not in both]
            if total in both and left:
                change = both[total] - sum(both[part] for part in parts if part in both)
                found += [tuple(left)] if 0 < abs(change) < K else []
    return found


few_or_many = st.one_of(st.integers(0, 14), st.integers(0, 400))
people = st.lists(few_or_many, min_size=len(PLACES), max_size=len(PLACES))
corrections = st.lists(st.sampled_from([0, 0, 0, 1, 3, 12, 40, -2, -15]), min_size=len(PLACES), max_size=len(PLACES))


def corrected(persons: list[int], by: list[int]) -> list[int]:
    return [max(0, n + change) for n, change in zip(persons, by, strict=True)]


@settings(max_examples=10, deadline=None)
@given(people)
def test_attack_on_groups_of_counties_bounds_nothing(persons):
    assert pinned(publish(persons, [])) == []


@settings(max_examples=12, deadline=None)
@given(people, corrections, corrections)
def test_attack_by_subtracting_two_and_three_releases_finds_no_few_persons(persons, first, second):
    releases = [publish(persons, [])]
    for by in (first, second):
        persons = corrected(persons, by)
        releases.append(publish(persons, releases))
    assert small_changes(releases) == []
    assert [where for release in releases for where in pinned(release)] == []


WIDE = [200] * len(PLACES)


def of(**counts: int) -> list[int]:
    """200 persons everywhere but where it says otherwise (``c330101_female``)."""
    return [counts.get(f"c{county}_{sex}", 200) for county, sex in PLACES]


def weakened(monkeypatch: pytest.MonkeyPatch, name: str, instead) -> None:
    monkeypatch.setattr(withholding.Table, name, instead)


def test_attack_succeeds_without_complementary_cells_and_audit(monkeypatch):
    persons = of(c330101_female=3)
    assert pinned(publish(persons, [])) == []
    weakened(monkeypatch, "withhold_complementary", lambda self: None)
    weakened(monkeypatch, "audit", lambda self: False)
    assert pinned(publish(persons, []))


def test_attack_succeeds_without_the_audit(monkeypatch):
    # nothing is alone, and yet the groupings of counties bound each other
    persons = of(c330102_male=3, c330103_female=3, c330202_female=6, c330202_male=2, c330203_female=3)
    assert pinned(publish(persons, [])) == []
    weakened(monkeypatch, "audit", lambda self: False)
    assert pinned(publish(persons, []))


def test_attack_succeeds_without_the_groups(monkeypatch):
    # 330202 left the list: the groups of the day and of the first list differ by its few persons
    persons = of(c330202_female=2, c330202_male=4)
    assert pinned(publish(persons, [])) == []
    monkeypatch.setattr(remainders, "_lines_of_groups", lambda whole, groups: [])
    assert pinned(publish(persons, []))


def test_attack_succeeds_without_the_releases_before():
    first = publish(WIDE, [])
    by_three = of(c330101_female=203)
    assert small_changes([first, publish(by_three, [first])]) == []
    assert small_changes([first, publish(by_three, [])])


def test_attack_succeeds_without_what_lines_leave_over(monkeypatch):
    # one county grows by 3 and is withheld; the next by 40, so its prefecture's 43 would say 3
    first = publish(WIDE, [])
    second = of(c330101_female=203, c330102_female=240)
    assert small_changes([first, publish(second, [first])]) == []
    weakened(monkeypatch, "withhold_changes", lambda self: False)
    assert small_changes([first, publish(second, [first])])


def test_a_group_that_is_withheld_shows_nothing():
    for row in publish(of(c330202_female=2, c330202_male=4), []):
        if row.status == "withheld":
            assert not [f.name for f in dataclasses.fields(row) if f.name in ("value", "numerator", "denominator")
                        and getattr(row, f.name) is not None]  # fmt: skip
