"""From candidates to what may be published: which rows stand in a table, and what is left over from it."""

import dataclasses
import datetime as dt

from release.candidates import Shown, Slice, Value
from release.protection import protected
from release.remainders import with_remainders
from release.tables import Cell, Line

COUNTIES = ("331102", "331121")


def value(area="331102", dimension="total", member="total", **other):
    known = {
        "area_level": "county", "parent_area_code": None, "value": 10.0, "unit": "pct", "unit_of_count": "person",
        "numerator": 100.0, "denominator": 1000.0, "coverage_pct": None, "unlinked_persons": 0, "status": "published",
        "status_note": None, "definition_version": 1, "as_of": dt.date(2025, 12, 31),
    }  # fmt: skip
    return Value(slice=Slice("i", "m", "simulated", area, "2025", dimension, member), **{**known, **other})


def statuses(values):
    return [v.status for v in values]


def test_the_order_given_is_kept():
    rows = [value(area) for area in ("331121", "331102", "330106")]
    assert [v.slice.area_code for v in protected(rows, {})] == ["331121", "331102", "330106"]


def test_a_mean_over_few_persons_is_withheld():
    rows = [value(unit="years", numerator=72.0, denominator=8.0), value("331121", unit="years", denominator=800.0)]
    assert statuses(protected(rows, {})) == ["withheld", "published"]


def test_an_institution_is_nobody():
    (row,) = protected([value(unit="schools", unit_of_count="institution", numerator=1.0, denominator=2.0)], {})
    assert (row.status, row.numerator) == ("published", 1.0)


def test_what_is_not_published_shows_no_number():
    rows = [value(status=status, status_note="why") for status in ("needs_input", "not_applicable")]
    for row in protected(rows, {}):
        assert (row.value, row.numerator, row.denominator, row.status_note) == (None, None, None, "why")


def test_an_extreme_share_of_a_small_group_is_shown_as_a_bound():
    (row,) = protected([value(numerator=0.0, denominator=50.0, value=0.0)], {})
    assert (row.status, row.value, row.status_note, row.numerator) == ("published", 5.0, "at_most", None)


def before(row, *figures):
    """What releases before showed of this row alone."""
    return {row.slice.table: [{row.slice.cell: Shown(*shown)} for shown in figures]}


def test_every_earlier_release_is_compared_not_only_the_last():
    row = value()
    assert statuses(protected([row], before(row, (97, 1000), (130, 1000)))) == ["withheld"]
    assert statuses(protected([row], before(row, (80, 1000), (130, 1000)))) == ["published"]


def test_tables_of_two_periods_do_not_add_up_with_each_other():
    other = value()
    other = dataclasses.replace(other, slice=dataclasses.replace(other.slice, period="2024"))
    assert statuses(protected([value(), other], {})) == ["published", "published"]


def test_people_of_a_zone_without_a_code_become_an_area_of_their_own():
    counts = {Cell("331100"): 250, **{Cell(county): 100 for county in COUNTIES}}
    whole, lines = with_remainders(counts, dict.fromkeys(COUNTIES, "331100"))
    assert whole[Cell("331100:rest")] == 50
    assert lines == (Line(Cell("331100"), (Cell("331100:rest"), *map(Cell, COUNTIES))),)


def test_people_of_unknown_sex_become_a_member_of_their_own():
    counts = {
        Cell("331100"): 100, Cell("331100", "sex", "female"): 60, Cell("331100", "sex", "male"): 37,
        Cell("331102"): 100, Cell("331102", "sex", "female"): 60, Cell("331102", "sex", "male"): 37,
    }  # fmt: skip
    whole, lines = with_remainders(counts, {"331102": "331100"})
    assert whole[Cell("331100", "sex", "unstated")] == whole[Cell("331102", "sex", "unstated")] == 3
    assert all(sum(whole[part] for part in line.parts) == whole[line.total] for line in lines)


def test_people_of_no_county_are_not_taken_for_the_group_called_rest():
    counts = {
        Cell("330000"): 120,
        Cell("330000", "county_group", "listed"): 40,
        Cell("330000", "county_group", "rest"): 70,
    }
    whole, _ = with_remainders(counts, {})
    assert whole[Cell("330000", "county_group", "rest")] == 70
    assert whole[Cell("330000", "county_group", "unstated")] == 10


def test_a_table_that_adds_up_gains_nothing():
    counts = {Cell("331100"): 200, **{Cell(county): 100 for county in COUNTIES}}
    assert with_remainders(counts, dict.fromkeys(COUNTIES, "331100"))[0] == counts


def test_who_counts_in_two_areas_counts_once_above_and_the_attacker_knows():
    counts = {Cell("331100"): 190, **{Cell(county): 100 for county in COUNTIES}}
    whole, lines = with_remainders(counts, dict.fromkeys(COUNTIES, "331100"))
    assert (whole, [line.overlap for line in lines]) == (counts, [10])
