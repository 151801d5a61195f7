"""Turns candidates into what may be published: disclosure control over each table of persons, nulls where it says so.

A table is all rows of one indicator, method, realm and period. How it is judged follows from its definition: shares of
persons, heads and ratios of heads by numerators and denominators, averages by how many persons they are over. Counts of
institutions, and figures that count nobody (a survey's estimate), pass unchanged; whatever else is counted (credits)
stands only where a table of persons of the same indicator does. A figure that cannot be judged is withheld. Pure: no
database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from release.candidates import Earlier, Slice, TableKey, Value, Version
from release.disclosure import Measure, protect_together
from release.rates import Rate, ShownRate, protect_rates
from release.remainders import groups_of, with_remainders
from release.tables import DEFAULT_RULE, NOBODY, Cell, Line, Rule, Status
from release.unlinked import with_bounds

PERSON = "person"
OPEN_UNITS_OF_COUNT = ("institution", "none")
RATE = "pct"
HEADS = ("persons", "ratio")
"""Units whose numerator counts heads; any other unit is an average over the denominator's persons."""


def protected(candidates: Iterable[Value], earlier: Earlier, rule: Rule = DEFAULT_RULE) -> list[Value]:
    """Every candidate as it may be published, in the order given."""
    candidates = list(candidates)
    tables: dict[TableKey, list[Value]] = defaultdict(list)
    for candidate in candidates:
        if candidate.status == "published" and candidate.unit_of_count == PERSON:
            tables[candidate.slice.table].append(candidate)
    judged = {row.slice: row for key, rows in tables.items() for row in _judge(rows, earlier.get(key, ()), rule)}
    standing = _standing(judged.values())
    return [judged.get(candidate.slice) or _unjudged(candidate, standing) for candidate in candidates]


def _judge(rows: Sequence[Value], earlier: Sequence[Version], rule: Rule) -> list[Value]:
    unit = rows[0].unit
    needed = ("numerator", "denominator") if unit == RATE else () if unit in HEADS else ("denominator",)
    known = [row for row in rows if all(getattr(row, figure) is not None for figure in needed)]
    if unit == RATE:
        shown = _judge_rates(known, earlier, rule)
    elif unit in HEADS:
        shown = _judge_heads(known, earlier, rule)
    else:
        shown = _judge_means(known, earlier, rule)
    judged = {row.slice: row for row in with_bounds(shown, known, earlier, rule)}
    return [judged.get(row.slice) or withheld(row) for row in rows]


def _judge_rates(rows: Sequence[Value], earlier: Sequence[Version], rule: Rule) -> list[Value]:
    """Shares of persons. Whether or not a denominator is a public return, the attacker is taken to know them all."""
    counts, lines = _whole(rows, {row.slice.cell: row.numerator for row in rows})
    bases, lines_of_bases = _whole(rows, {row.slice.cell: row.denominator for row in rows})
    rates = {cell: Rate(counts.get(cell, 0), bases.get(cell, 0)) for cell in counts.keys() | bases.keys()}
    before = [
        {
            cell: Rate(shown.numerator, shown.denominator)
            for cell, shown in version.items()
            if shown.numerator is not None and shown.denominator is not None
        }
        for version in earlier
    ]
    shown = protect_rates(rates, lines, rule, lines_of_denominators=lines_of_bases, earlier=before)
    return [_as_rate(row, shown[row.slice.cell]) for row in rows]


def _judge_heads(rows: Sequence[Value], earlier: Sequence[Version], rule: Rule) -> list[Value]:
    """Counts of persons, and ratios of such: each figure is a table of its own, shown or withheld with the other.

    A count without a numerator is its value.
    """
    heads = {row.slice.cell: row.value if row.numerator is None else row.numerator for row in rows}
    bases = {row.slice.cell: row.denominator for row in rows}
    measures = [
        Measure(*_whole(rows, heads), [_figures(version, "numerator") for version in earlier]),
        Measure(*_whole(rows, bases), [_figures(version, "denominator") for version in earlier]),
    ]
    unknown = [row.slice.cell for row in rows if heads[row.slice.cell] is None]
    hidden = protect_together(measures, rule, unknown)
    return [withheld(row) if row.slice.cell in hidden else row for row in rows]


def _judge_means(rows: Sequence[Value], earlier: Sequence[Version], rule: Rule) -> list[Value]:
    """Averages over persons: protected as the table of how many persons each average is over."""
    counts = {row.slice.cell: row.denominator for row in rows}
    measure = Measure(*_whole(rows, counts), [_figures(version, "denominator") for version in earlier])
    hidden = protect_together([measure], rule)
    return [withheld(row) if row.slice.cell in hidden else row for row in rows]


def _whole(rows: Sequence[Value], counts: Mapping[Cell, float | None]) -> tuple[dict[Cell, float], tuple[Line, ...]]:
    """One figure of a table with its remainders and its sums, those of the groups of counties too."""
    parents = {row.slice.area_code: row.parent_area_code for row in rows if row.parent_area_code}
    groups = groups_of({row.slice.cell: row.in_groups for row in rows if row.in_groups})
    return with_remainders({cell: _head(n) for cell, n in counts.items() if n is not None}, parents, groups)


def _figures(version: Version, figure: str) -> dict[Cell, float]:
    shown = {cell: getattr(each, figure) for cell, each in version.items()}
    return {cell: number for cell, number in shown.items() if number is not None}


def _standing(judged: Collection[Value]) -> dict[tuple[str, str, str, Cell], bool]:
    """Of the indicators of persons in what places they are shown, in every method that there is."""
    standing: dict[tuple[str, str, str, Cell], bool] = {}
    for row in judged:
        where = _place(row.slice)
        standing[where] = standing.get(where, True) and row.status == "published" and row.status_note is None
    return standing


def _unjudged(row: Value, standing: Mapping[tuple[str, str, str, Cell], bool]) -> Value:
    """A row that counts no persons: as it is where it reveals none, and else where the persons behind it are shown."""
    if row.status != "published":
        return emptied(row)
    if row.unit_of_count in OPEN_UNITS_OF_COUNT or standing.get(_place(row.slice), False):
        return row
    return withheld(row)


def _place(where: Slice) -> tuple[str, str, str, Cell]:
    return where.indicator_code, where.realm, where.period, where.cell


def _as_rate(row: Value, shown: ShownRate) -> Value:
    if shown.status is Status.WITHHELD:
        return withheld(row)
    if shown.bound is None:
        return row
    coded = emptied(row)
    return replace(coded, value=shown.value_pct, status_note=shown.bound)


def withheld(row: Value) -> Value:
    """The row as it is shown when it may not be."""
    return replace(emptied(row), status="withheld", status_note=None)


def emptied(row: Value) -> Value:
    """The row without any figure."""
    return replace(
        row, value=None, numerator=None, denominator=None, value_low=None, value_high=None, coverage_pct=None
    )


def _head(figure: float) -> float:
    """Whole persons as whole numbers: sums of fractions come out a hair beside them."""
    near = round(figure)
    return near if abs(figure - near) <= NOBODY else figure
