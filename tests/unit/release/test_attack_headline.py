"""The province's total stands beside breakdowns too small to be shown, and gives nothing of them away.

Attacked are the candidates of a whole small simulated province (tests/fixtures/release/scarce_province.csv: tables of
persons as dbt handed them over), over one release and over two. The attacker's unknowns are persons in places (lowest
area × sex × age band …), and every denominator is known.
"""

import csv
import itertools
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.release.provinces import rate
from release import withholding
from release.candidates import Shown, Value
from release.protection import protected
from release.tables import DEFAULT_RULE

K = DEFAULT_RULE.k
FIXTURE = Path(__file__).parents[2] / "fixtures" / "release" / "scarce_province.csv"
GROUPINGS = ("county_group", "county_group_fixed", "island")
PROVINCE = ("330000", "total", "total")
MANY = 100_000
Where = tuple[str, str, str]
Place = dict[str, str]


def tables() -> dict[str, list[dict[str, str]]]:
    by_table: dict[str, list[dict[str, str]]] = defaultdict(list)
    with FIXTURE.open(newline="") as lines:
        for row in csv.DictReader(lines):
            by_table[f"{row['indicator_code']}.{row['method']}"].append(row)
    return by_table


TABLES = tables()


class Table:
    """One table of the fixture, and its people by place as an attacker thinks of them."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self.rows = rows
        self.cells: list[Where] = [(row["area_code"], row["dimension"], row["member"]) for row in rows]
        self.numerators = {cell: int(row["numerator"]) for cell, row in zip(self.cells, rows, strict=True)}
        self.bases = {cell: int(row["denominator"]) for cell, row in zip(self.cells, rows, strict=True)}
        self.groups = {row["area_code"]: row["in_groups"] for row in rows if row["in_groups"]}
        breakdowns: dict[str, set[str]] = defaultdict(lambda: {"unstated"})
        for _, dimension, member in self.cells:
            if dimension not in ("total", *GROUPINGS):
                breakdowns[dimension].add(member)
        areas = sorted({area for area, *_ in self.cells})
        lowest = [area if not area.endswith("00") else f"{area}:rest" for area in areas]
        self.places: list[Place] = [
            {"area": area, **dict(zip(breakdowns, members, strict=True))}
            for area in lowest
            for members in itertools.product(*map(sorted, breakdowns.values()))
        ]
        self.incidence = {
            cell: np.array([self.holds(cell, place) for place in self.places], dtype=float) for cell in self.cells
        }

    def holds(self, cell: Where, place: Place) -> bool:
        area, dimension, member = cell
        county = place["area"]
        if not county.startswith(area.removesuffix("00").removesuffix("00")):
            return False
        if dimension in GROUPINGS:
            return f"{dimension}:{member}" in self.groups.get(county, "").split(",")
        return dimension == "total" or place[dimension] == member

    def candidates(self, more: np.ndarray | None = None) -> list[Value]:
        change = {cell: 0 if more is None else int(self.incidence[cell] @ more) for cell in self.cells}
        return [
            rate(row["indicator_code"], row["period"], *cell, max(0, self.numerators[cell] + change[cell]),
                 self.bases[cell] + change[cell], row["in_groups"] or None)
            for cell, row in zip(self.cells, self.rows, strict=True)
        ]  # fmt: skip

    def publish(self, before: list[list[Value]], more: np.ndarray | None = None) -> list[Value]:
        rows = self.candidates(more)
        earlier = [
            {row.slice.cell: Shown(row.numerator, row.denominator) for row in release if row.numerator is not None}
            for release in before
        ]
        return protected(rows, {rows[0].slice.table: earlier})

    def pinned(self, release: list[Value], bases: dict[Where, int], most: int = 30) -> list[tuple[Where, float, float]]:
        """Withheld cells, of so many tried, bounded more tightly than protection width and denominator allow."""
        known = seen(release)
        told = [LinearConstraint(self.incidence[where], n, n) for where, n in known.items()]
        told += [LinearConstraint(self.incidence[cell], 0, bases[cell]) for cell in self.cells]
        found = []
        hidden = [cell for cell in self.cells if cell not in known and not coded(release, cell)]
        for cell in random.Random(len(hidden)).sample(hidden, min(most, len(hidden))):
            ends = [
                milp(sign * self.incidence[cell], constraints=told, integrality=1, bounds=Bounds(0, MANY)).fun
                for sign in (1, -1)
            ]
            if -ends[1] - ends[0] < min(K, bases[cell]) - 1e-6:
                found.append((cell, ends[0], -ends[1]))
        return found

    def sums(self) -> list[tuple[Where, list[Where]]]:
        """Every total with a set of parts that adds up to it."""
        found = []
        for total in self.cells:
            inside = [
                cell for cell in self.cells if cell != total and (self.incidence[cell] <= self.incidence[total]).all()
            ]
            kinds: dict[tuple[int, str], list[Where]] = defaultdict(list)
            for cell in inside:
                kinds[(len(cell[0].rstrip("0")), cell[1])].append(cell)
            found += [
                (total, parts)
                for parts in kinds.values()
                if (sum(self.incidence[part] for part in parts) <= self.incidence[total]).all()
            ]
        return found


def seen(release: list[Value]) -> dict[Where, float]:
    return {
        (row.slice.area_code, row.slice.dimension, row.slice.member): row.numerator
        for row in release
        if row.numerator is not None
    }


def coded(release: list[Value], cell: Where) -> bool:
    """Shown as a bound (at least 95 %, at most 5 %): published, without its persons."""
    return any(
        row.status == "published" and row.numerator is None
        for row in release
        if (row.slice.area_code, row.slice.dimension, row.slice.member) == cell
    )


@pytest.fixture(params=sorted(TABLES))
def table(request: pytest.FixtureRequest) -> Table:
    return Table(TABLES[request.param])


def test_the_headline_of_a_scarce_province_stands_and_nothing_withheld_is_bounded(table: Table):
    release = table.publish([])
    assert PROVINCE in seen(release)
    assert table.pinned(release, table.bases) == []


def test_attack_succeeds_where_the_headline_stands_without_the_audit(monkeypatch: pytest.MonkeyPatch):
    table = Table(TABLES["kindergarten_public_inclusive_share.returns_headcount"])
    monkeypatch.setattr(withholding.Table, "audit", lambda self: False)
    assert table.pinned(table.publish([]), table.bases)


def test_a_breakdown_that_cannot_stand_beside_the_headline_is_withheld_to_its_last_cell():
    # every district is small: without the province no district could be told, and with it none is shown
    areas = {"330100": 30, "330101": 4, "330102": 26, "330103": 0, "330000": 30}
    rows = [rate("i", "2025", area, "total", "total", who, 100 * who + 60) for area, who in areas.items()]
    shown = {row.slice.area_code for row in protected(rows, {}) if row.status == "published"}
    assert "330000" in shown
    assert shown.isdisjoint({"330101", "330102"})


def test_attack_on_two_releases_of_a_scarce_province_finds_no_few_persons(table: Table):
    chance = np.random.default_rng(1)
    counties = np.array([":" not in place["area"] for place in table.places])
    stated = np.array(["unstated" not in place.values() for place in table.places])
    more = chance.choice([0, 0, 0, 0, 1, 3, 12, 40], len(table.places)) * (counties & stated)
    first = table.publish([])
    second = table.publish([first], more)
    before, after = seen(first), seen(second)
    both = {cell: after[cell] - before[cell] for cell in before.keys() & after.keys()}
    assert [cell for cell, change in both.items() if 0 < abs(change) < K] == []
    for total, parts in table.sums():
        left = [part for part in parts if part not in both]
        if total in both and left:
            hidden = both[total] - sum(both[part] for part in parts if part in both)
            assert not 0 < abs(hidden) < K, (total, left)
    bases = {cell: base + int(table.incidence[cell] @ more) for cell, base in table.bases.items()}
    assert table.pinned(second, bases, most=12) == []
