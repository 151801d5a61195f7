"""An attacker of our own, who shares no code with the defence, tries every published table hypothesis can find.

The attacker unknowns are single persons' places (area × sex × age band, whole numbers), not withheld cells, so a
mistake in how the defence writes its equations cannot hide here.
"""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from release.bounds import feasible_interval
from release.disclosure import protect
from release.rates import Rate, protect_rates, too_revealing
from release.tables import Cell, Rule, Status, lines_of

PARENTS = {"c1": "p1", "c2": "p1", "c3": "p2", "p1": "province", "p2": "province"}
COUNTIES, SEXES, BANDS = ("c1", "c2", "c3"), ("f", "m"), ("young", "old")
PLACES = tuple(itertools.product(COUNTIES, SEXES, BANDS))
MANY = 10_000

few_or_many = st.one_of(st.integers(0, 12), st.integers(0, 60))
people = st.lists(few_or_many, min_size=len(PLACES), max_size=len(PLACES))
rules = st.builds(Rule, k=st.integers(5, 12), width=st.sampled_from([0, 5, 15]))


def above(area: str) -> set[str]:
    return {area} | (above(PARENTS[area]) if area in PARENTS else set())


def who_is_in(cell: Cell) -> np.ndarray:
    return np.array(
        [
            cell.area in above(county) and cell.member in ("total", {"sex": sex, "band": band}.get(cell.dimension))
            for county, sex, band in PLACES
        ],
        dtype=float,
    )


CELLS = tuple(
    Cell(area, dimension, member)
    for area in (*COUNTIES, "p1", "p2", "province")
    for dimension, members in (("total", ("total",)), ("sex", SEXES), ("band", BANDS))
    for member in members
)
INCIDENCE = {cell: who_is_in(cell) for cell in CELLS}
LINES = lines_of(CELLS, PARENTS)


def table_of(persons: list[int]) -> dict[Cell, int]:
    return {cell: int(INCIDENCE[cell] @ np.array(persons)) for cell in CELLS}


def bounded_by_attacker(
    cell: Cell, published: dict[Cell, int], ceiling: dict[Cell, int] | None = None
) -> tuple[float, float]:
    known = np.array([INCIDENCE[c] for c in published]).reshape(-1, len(PLACES))
    sums = np.array(list(published.values()), dtype=float)
    constraints = [LinearConstraint(known, sums, sums)] if published else []
    for limited, most in (ceiling or {}).items():
        constraints.append(LinearConstraint(INCIDENCE[limited], 0, most))
    ends = [
        milp(sign * INCIDENCE[cell], constraints=constraints, integrality=1, bounds=Bounds(0, MANY)) for sign in (1, -1)
    ]
    return ends[0].fun, -ends[1].fun


@settings(max_examples=60, deadline=None)
@given(people, rules, st.data())
def test_no_withheld_cell_can_be_bounded_narrower_than_the_protection(persons, rule, data):
    table = table_of(persons)
    verdicts = protect(table, LINES, rule)
    published = {cell: table[cell] for cell in CELLS if verdicts[cell].status == Status.PUBLISHED}
    hidden = [cell for cell in CELLS if cell not in published]
    for cell in data.draw(st.lists(st.sampled_from(hidden), max_size=4, unique=True)) if hidden else []:
        low, high = bounded_by_attacker(cell, published)
        assert high - low >= rule.protection - 1e-6
        own_low, own_high = feasible_interval(published, LINES, cell)
        assert (own_low, min(own_high, high)) == (round(low), round(high)) or high >= MANY


@settings(max_examples=40, deadline=None)
@given(people, st.lists(st.integers(0, 40), min_size=len(PLACES), max_size=len(PLACES)), rules, st.data())
def test_no_withheld_rate_can_be_bounded_by_whoever_knows_all_denominators(persons, idle, rule, data):
    counts, bases = table_of(persons), table_of([p + i for p, i in zip(persons, idle, strict=True)])
    rates = {cell: Rate(counts[cell], bases[cell]) for cell in CELLS}
    shown = protect_rates(rates, LINES, rule, public_denominators=True)
    published = {cell: counts[cell] for cell in CELLS if shown[cell].status == Status.PUBLISHED}
    hidden = [cell for cell in CELLS if cell not in published]
    assert {cell for cell in CELLS if too_revealing(rates[cell], rule)} <= set(hidden)
    for cell in data.draw(st.lists(st.sampled_from(hidden), max_size=3, unique=True)) if hidden else []:
        low, high = bounded_by_attacker(cell, published, bases)
        assert high - low >= min(rule.protection, bases[cell]) - 1e-6


@settings(max_examples=150, deadline=None)
@given(people, rules)
def test_small_counts_never_show_and_no_line_has_exactly_one_withheld(persons, rule):
    table = table_of(persons)
    verdicts = protect(table, LINES, rule)
    hidden = {cell for cell in CELLS if verdicts[cell].status == Status.WITHHELD}
    assert not [cell for cell in CELLS if 0 < table[cell] < rule.k and cell not in hidden]
    assert not [line for line in LINES if len(hidden & {line.total, *line.parts}) == 1]


@settings(max_examples=150, deadline=None)
@given(people, rules)
def test_judging_twice_withholds_nothing_more(persons, rule):
    table = table_of(persons)
    hidden = {cell for cell, v in protect(table, LINES, rule).items() if v.status == Status.WITHHELD}
    again = {cell for cell, v in protect(table, LINES, rule, also=hidden).items() if v.status == Status.WITHHELD}
    assert again == hidden


@settings(max_examples=60, deadline=None)
@given(people, rules, st.randoms(use_true_random=False))
def test_the_order_of_cells_and_lines_changes_nothing(persons, rule, random):
    table = table_of(persons)
    shuffled_cells = list(table.items())
    shuffled_lines = list(LINES)
    random.shuffle(shuffled_cells)
    random.shuffle(shuffled_lines)
    first, second = protect(table, LINES, rule), protect(dict(shuffled_cells), shuffled_lines, rule)
    assert list(first.items()) == list(second.items())


@settings(max_examples=100, deadline=None)
@given(people, rules)
def test_published_numbers_still_add_up(persons, rule):
    table = table_of(persons)
    shown = {c: table[c] for c, v in protect(table, LINES, rule).items() if v.status == Status.PUBLISHED}
    for line in LINES:
        if {line.total, *line.parts} <= set(shown):
            assert sum(shown[part] for part in line.parts) == shown[line.total]
