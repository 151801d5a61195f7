"""What a release makes of its own figures: from what is shown, and withheld with any of its parts."""

import csv
import dataclasses

import pytest

from benchmarks.release.provinces import rate
from pipeline.settings import CHECKOUT
from release.derive import KINDS, Derivation, Meaning, derived

SEEDS = CHECKOUT / "dbt_project" / "seeds" / "indicators"
INDEX = Meaning("index", 1)


def pair(code="parity_index", dimension="sex", a="female", b="male") -> Derivation:
    return Derivation(code, "m", "*", "*", dimension, a, b)


def made(rows, derivation, unit="index"):
    found = derived(rows, [derivation], {(derivation.derived_code, derivation.derived_method): Meaning(unit, 1)})
    return {(row.slice.area_code, row.slice.member): row for row in found}


def sexes(female=(100, 1000), male=(200, 1000), area="330000"):
    both = (female[0] + male[0], female[1] + male[1])
    return [
        rate("i", "2025", area, *place, *figures)
        for place, figures in {
            ("total", "total"): both, ("sex", "female"): female, ("sex", "male"): male
        }.items()
    ]  # fmt: skip


def hidden(row):
    return dataclasses.replace(row, value=None, numerator=None, denominator=None, status="withheld")


def test_a_pair_is_named_and_counts_nobody():
    row = made(sexes(), pair())["330000", "female/male"]
    assert (row.value, row.unit, row.unit_of_count, row.numerator, row.denominator) == (0.5, "index", "none", None, 2.0)
    assert (row.slice.indicator_code, row.slice.dimension, row.status) == ("parity_index", "i.m", "published")


def test_a_gap_keeps_the_unit_of_what_it_is_between():
    row = made(sexes(), pair("gap_absolute"), unit="input")["330000", "female/male"]
    assert (row.value, row.unit) == (-10.0, "pct")


@pytest.mark.parametrize("part", [1, 2])
def test_a_withheld_part_withholds_what_is_made_of_it(part):
    rows = sexes()
    rows[part] = hidden(rows[part])
    row = made(rows, pair())["330000", "female/male"]
    assert (row.status, row.value, row.denominator, row.status_note) == ("withheld", None, None, None)


def test_a_part_that_is_shown_as_a_bound_withholds_too():
    rows = sexes()
    rows[1] = dataclasses.replace(rows[1], status_note="at_most")
    assert made(rows, pair())["330000", "female/male"].status == "withheld"


def test_nothing_to_divide_by_is_said():
    row = made(sexes(male=(0, 1000)), pair())["330000", "female/male"]
    assert (row.status, row.value) == ("not_applicable", None)


def test_others_are_all_but_the_group():
    rows = [
        rate("i", "2025", "330000", "total", "total", 300, 1000),
        rate("i", "2025", "330000", "age_band", "60plus", 60, 400),
    ]
    row = made(rows, pair(dimension="age_band", a="60plus", b="others"))["330000", "60plus/others"]
    assert row.value == pytest.approx((60 / 400) / (240 / 600))


def counties(shares, groups=("mountain26", "rest"), indicator="i"):
    rows = [rate(indicator, "2025", "330000", "total", "total", 500, 5000)]
    for at, share in enumerate(shares):
        memberships = f"county_group_fixed:{groups[at % len(groups)]},island:mainland"
        rows.append(rate(indicator, "2025", f"3301{at + 1:02d}", "total", "total", share, 1000, memberships))
    return rows


def test_inequality_between_groups_of_counties_has_a_share():
    derivation = Derivation("theil_between_share", "m", "*", "*", "county_group_fixed", "", "")
    row = made(counties([100, 300, 100, 300]), derivation, unit="pct")["330000", "county_group_fixed"]
    assert (row.value, row.denominator) == (pytest.approx(100.0), 4.0)
    within = Derivation("theil_within_groups", "m", "*", "*", "county_group_fixed", "", "")
    assert made(counties([100, 300, 100, 300]), within)["330000", "county_group_fixed"].value == pytest.approx(0.0)


def test_a_withheld_county_withholds_the_inequality_between_counties():
    rows = counties([100, 300, 100, 300])
    rows[2] = hidden(rows[2])
    derivation = Derivation("gini_of_counties", "m", "*", "*", "total", "", "")
    assert made(rows, derivation)["330000", "total"].status == "withheld"


def test_a_correlation_needs_ten_counties_that_show_both_and_says_how_many():
    derivation = Derivation("correlation_pearson", "m", "i", "m", "total", "j", "m")
    one, two = counties(range(100, 210, 10)), counties(range(200, 310, 10), indicator="j")
    row = made([*one, *two], derivation)["330000", "j.m"]
    assert (row.value, row.denominator) == (pytest.approx(1.0), 11.0)
    assert row.status_note.startswith("n = 11 counties")
    one[1], two[2] = hidden(one[1]), hidden(two[2])
    assert made([*one, *two], derivation) == {}


def test_how_much_is_withheld_is_said():
    rows = sexes()
    rows[1:] = [hidden(row) for row in rows[1:]]
    assert made(rows, Derivation("withheld_figures", "m", "*", "*", "total", "", ""))["330000", "withheld"].value == 2.0


def test_every_derivation_of_the_seed_is_known_and_defined():
    with (SEEDS / "indicator_derivations.csv").open() as file:
        rows = list(csv.DictReader(file))
    with (SEEDS / "definitions_inequality.csv").open() as file:
        defined = {(row["indicator_code"], row["method"]) for row in csv.DictReader(file)}
    assert {row["derived_code"] for row in rows} == KINDS
    assert {(row["derived_code"], row["derived_method"]) for row in rows} == defined
