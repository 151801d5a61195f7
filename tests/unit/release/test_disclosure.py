"""The worked table of the rule, and each of its steps on the smallest table that shows it."""

import json
import time
from pathlib import Path

import pytest

from release.bounds import feasible_interval
from release.disclosure import protect
from release.tables import TOTAL, Cell, DisclosureError, Reason, Rule, Status, lines_of

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "values.json").read_text())["disclosure_table_k10"]
TOP = "province"


def breakdown(counts: dict[str, dict[str, int]], parents: dict[str, str]):
    """A table by area and age band, with all its totals, from the counts of the lowest areas."""
    table: dict[Cell, int] = {}
    for area, bands in counts.items():
        above: str | None = area
        while above is not None:
            for band, persons in bands.items():
                for cell in (Cell(above, "age_band", band), Cell(above)):
                    table[cell] = table.get(cell, 0) + persons
            above = parents.get(above)
    return table, lines_of(table, parents)


def areas(counts: dict[str, int], parents: dict[str, str] | None = None):
    """A table of areas without a breakdown; by default all below one province."""
    parents = parents or dict.fromkeys(counts, TOP)
    by_band, _ = breakdown({area: {"all ages": persons} for area, persons in counts.items()}, parents)
    table = {cell: persons for cell, persons in by_band.items() if cell.member == TOTAL}
    return table, lines_of(table, parents)


def withheld(verdicts) -> set[tuple[str, str]]:
    return {(cell.area, cell.member) for cell, verdict in verdicts.items() if verdict.status == Status.WITHHELD}


@pytest.fixture
def golden():
    counts = {
        row: dict(zip(GOLDEN["columns"], line, strict=True))
        for row, line in zip(GOLDEN["rows"], GOLDEN["counts"], strict=True)
    }
    return breakdown(counts, dict.fromkeys(GOLDEN["rows"], TOP))


def test_golden_table_comes_out_exactly_as_published(golden):
    table, lines = golden
    verdicts = protect(table, lines)
    shown = [
        [table[cell] if verdicts[cell].status == Status.PUBLISHED else None for cell in row]
        for row in ([Cell(area, "age_band", band) for band in GOLDEN["columns"]] for area in GOLDEN["rows"])
    ]
    assert shown == GOLDEN["published"]
    totals = [Cell(TOP), *(Cell(a) for a in GOLDEN["rows"]), *(Cell(TOP, "age_band", b) for b in GOLDEN["columns"])]
    assert [table[cell] for cell in totals] == [GOLDEN["total"], *GOLDEN["row_totals"], *GOLDEN["column_totals"]]
    assert all(verdicts[cell].status == Status.PUBLISHED for cell in totals)


def test_golden_table_tells_auditors_what_was_primary(golden):
    verdicts = protect(*golden)
    primary = [[c.area, c.member] for c, verdict in verdicts.items() if verdict.reason == Reason.PRIMARY]
    assert primary == GOLDEN["primary"]


def test_golden_table_leaves_the_smallest_cell_the_interval_0_to_14(golden):
    table, lines = golden
    verdicts = protect(table, lines)
    published = {cell: n for cell, n in table.items() if verdicts[cell].status == Status.PUBLISHED}
    assert list(feasible_interval(published, lines, Cell("A", "age_band", "80+"))) == GOLDEN["interval_A80"]


@pytest.mark.parametrize(("persons", "shown"), [(0, True), (1, False), (9, False), (10, True)])
def test_a_count_below_k_is_withheld_and_zero_is_shown(persons, shown):
    table, lines = areas({"a": persons, "b": 400, "c": 500})
    assert (("a", TOTAL) not in withheld(protect(table, lines))) == shown


def test_zero_is_withheld_where_the_table_is_sensitive():
    table, lines = areas({"a": 0, "b": 400, "c": 500})
    assert ("a", TOTAL) in withheld(protect(table, lines, Rule(zero_is_shown=False)))


def test_a_cell_that_leaves_too_few_of_its_total_is_withheld():
    table, lines = areas({"a": 500, "b": 2, "c": 3})
    verdicts = protect(table, lines)
    assert verdicts[Cell("a")].reason == Reason.PRIMARY


def test_a_zero_beside_a_small_total_is_still_shown():
    table, lines = areas({"a": 0, "b": 4, "c": 0})
    assert withheld(protect(table, lines)) == {("b", TOTAL), (TOP, TOTAL)}


def test_the_smallest_neighbour_goes_with_a_lone_withheld_cell():
    table, lines = areas({"a": 3, "b": 400, "c": 50})
    verdicts = protect(table, lines)
    assert withheld(verdicts) == {("a", TOTAL), ("c", TOTAL)}
    assert verdicts[Cell("c")].reason == Reason.COMPLEMENTARY


def test_two_small_cells_that_sum_to_less_than_k_take_a_third_with_them():
    table, lines = areas({"a": 2, "b": 3, "c": 60, "d": 400})
    verdicts = protect(table, lines)
    assert withheld(verdicts) == {("a", TOTAL), ("b", TOTAL), ("c", TOTAL)}
    assert verdicts[Cell("c")].reason == Reason.AUDIT


def test_two_small_cells_that_sum_to_less_than_k_take_a_third_even_if_the_width_asked_is_small():
    table, lines = areas({"a": 3, "b": 4, "c": 60, "d": 400})
    assert ("c", TOTAL) in withheld(protect(table, lines, Rule(k=10, width=2)))


def test_a_wider_protection_withholds_more():
    table, lines = areas({"a": 6, "b": 7, "c": 60, "d": 400})
    assert ("c", TOTAL) not in withheld(protect(table, lines, Rule(width=10)))
    assert ("c", TOTAL) in withheld(protect(table, lines, Rule(width=40)))


def test_a_small_county_is_protected_through_prefecture_and_province():
    parents = {"c1": "p1", "c2": "p1", "c3": "p2", "c4": "p2", "p1": TOP, "p2": TOP}
    table, lines = areas({"c1": 4, "c2": 0, "c3": 60, "c4": 70}, parents)
    verdicts = protect(table, lines)
    # c1 is all there is in p1, and p2 leaves only c1 of the province; p2 would follow from its own counties
    assert withheld(verdicts) == {("c1", TOTAL), ("p1", TOTAL), ("p2", TOTAL), ("c3", TOTAL)}
    published = {cell: n for cell, n in table.items() if verdicts[cell].status == Status.PUBLISHED}
    low, high = feasible_interval(published, lines, Cell("c1"))
    assert high - low >= 10


def test_a_breakdown_shares_its_margin_with_another_breakdown():
    table = {Cell("a"): 40, Cell("a", "sex", "f"): 37, Cell("a", "sex", "m"): 3}
    table |= {Cell("a", "age_band", "25-64"): 25, Cell("a", "age_band", "65+"): 15}
    verdicts = protect(table, lines_of(table, {}))
    assert withheld(verdicts) == {("a", "f"), ("a", "m")}


def test_the_total_goes_last():
    table, lines = areas({"a": 3, "b": 0, "c": 11})
    verdicts = protect(table, lines)
    assert withheld(verdicts) == {("a", TOTAL), ("c", TOTAL)}
    table, lines = areas({"a": 14, "b": 0})
    assert withheld(protect(table, lines, also=[Cell("a")])) == {("a", TOTAL), (TOP, TOTAL)}


@pytest.mark.parametrize(("now", "shown"), [(40, True), (41, False), (49, False), (31, False), (50, True), (30, True)])
def test_a_small_change_since_the_last_release_is_withheld(now, shown):
    table, lines = areas({"a": now, "b": 400, "c": 500})
    verdicts = protect(table, lines, earlier=[{Cell("a"): 40, Cell("b"): 400}])
    assert (("a", TOTAL) not in withheld(verdicts)) == shown


def test_a_slice_withheld_in_the_last_release_has_nothing_to_differ_from():
    table, lines = areas({"a": 40, "b": 400, "c": 500})
    assert withheld(protect(table, lines, earlier=[{Cell("b"): 400}])) == set()


def test_a_public_ceiling_is_used_as_an_attacker_would():
    table, lines = areas({"a": 8, "b": 30, "c": 500, "d": 600})
    assert withheld(protect(table, lines)) == {("a", TOTAL), ("b", TOTAL)}
    # b cannot exceed 31 people, so a cannot fall below 7: only a third cell makes room
    verdicts = protect(table, lines, known_ceiling={Cell("a"): 12, Cell("b"): 31})
    assert withheld(verdicts) == {("a", TOTAL), ("b", TOTAL), ("c", TOTAL)}


def test_parts_that_do_not_add_up_are_refused_by_name():
    table, lines = areas({"a": 30, "b": 40})
    table[Cell(TOP)] += 1
    with pytest.raises(DisclosureError, match=r"area province.*do not add up"):
        protect(table, lines)


def test_a_threshold_below_the_floor_is_refused():
    with pytest.raises(DisclosureError, match="may not be below 5"):
        Rule(k=4)


def test_ninety_counties_by_sex_and_age_take_less_than_two_seconds():
    parents = {f"c{i}": f"p{i % 11}" for i in range(90)} | {f"p{i}": TOP for i in range(11)}
    counts = {f"c{i}": {f"band{j}": (i * 37 + j * 11) % 60 for j in range(4)} for i in range(90)}
    table, lines = breakdown(counts, parents)
    started = time.process_time()
    verdicts = protect(table, lines)
    assert time.process_time() - started < 2
    assert 0 < len(withheld(verdicts)) < len(table)
