"""Rates of persons: what is withheld, what is shown as a bound, and what a withheld rate must not give away."""

import pytest

from release.rates import Rate, ShownRate, protect_rates
from release.tables import Cell, Reason, Status, lines_of

COUNTIES = dict.fromkeys(("a", "b", "c"), "province")


def by_county(*rates: tuple[int, int]):
    table = {Cell(area): Rate(*rate) for area, rate in zip(COUNTIES, rates, strict=True)}
    table[Cell("province")] = Rate(sum(n for n, _ in rates), sum(d for _, d in rates))
    return table, lines_of(table, COUNTIES)


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [
        (0, 9, False),  # too few who could
        (9, 500, False),  # too few who did
        (491, 500, False),  # too few who did not
        (10, 500, True),
        (490, 500, True),
        (0, 500, True),
        (500, 500, True),
    ],
)
def test_a_rate_is_withheld_when_it_points_at_few(numerator, denominator, shown):
    table, lines = by_county((numerator, denominator), (200, 500), (300, 600))
    rate = protect_rates(table, lines)[Cell("a")]
    assert (rate.status == Status.PUBLISHED) == shown
    if not shown:
        assert rate == ShownRate(Status.WITHHELD, reason=Reason.PRIMARY)


@pytest.mark.parametrize(
    ("numerator", "denominator", "value", "bound"),
    [(99, 99, 95.0, "at_least"), (0, 99, 5.0, "at_most"), (100, 100, 100.0, None), (0, 100, 0.0, None)],
)
def test_extreme_rates_of_small_groups_are_bounds_without_counts(numerator, denominator, value, bound):
    table, lines = by_county((numerator, denominator), (200, 500), (300, 600))
    rate = protect_rates(table, lines)[Cell("a")]
    assert (rate.value_pct, rate.bound) == (value, bound)
    assert (rate.numerator is None and rate.denominator is None) == (bound is not None)


def test_a_rate_of_nobody_has_no_value_and_hides_nothing():
    table, lines = by_county((0, 0), (200, 500), (300, 600))
    rates = protect_rates(table, lines)
    assert rates[Cell("a")] == ShownRate(Status.PUBLISHED, numerator=0, denominator=0)
    assert all(rate.status == Status.PUBLISHED for rate in rates.values())


def test_numerator_and_denominator_are_withheld_together_until_neither_gives_the_other_away():
    table, lines = by_county((3, 500), (200, 700), (300, 600))
    rates = protect_rates(table, lines)
    assert {cell.area for cell, rate in rates.items() if rate.status == Status.WITHHELD} == {"a", "b"}


def test_a_small_change_of_the_numerator_since_the_last_release_withholds_the_rate():
    table, lines = by_county((40, 500), (200, 700), (300, 600))
    earlier = {Cell("a"): Rate(37, 500)}
    assert protect_rates(table, lines, earlier=[earlier])[Cell("a")].status == Status.WITHHELD
    assert protect_rates(table, lines, earlier=[{Cell("a"): Rate(40, 500)}])[Cell("a")].status == Status.PUBLISHED


def test_public_denominators_need_not_add_up_and_bound_the_attack():
    table, lines = by_county((8, 12), (30, 31), (300, 6000))
    table[Cell("province")] = Rate(338, 999_999)
    rates = protect_rates(table, lines, lines_of_denominators=[])
    assert {cell.area for cell, rate in rates.items() if rate.status == Status.WITHHELD} == {"a", "b", "c"}
