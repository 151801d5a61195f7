"""Turns candidates into what may be published: disclosure control over each table of persons, nulls where it says so.

A table is all rows of one indicator, method, realm and period. Its areas and breakdowns must add up for the attack
to be bounded, so what a reader can work out by subtraction (people of a zone without a code, people of unknown sex)
stands in the table as a remainder of its own. Counts of institutions pass unchanged. Pure: no database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from release.disclosure import protect
from release.rates import Rate, ShownRate, protect_rates
from release.tables import DEFAULT_RULE, TOTAL, Cell, Line, Rule, Status, lines_of

REST = "rest"
UNSTATED = "unstated"
"""Member of what a breakdown leaves over: no breakdown may call one of its own so (a grouping has a member rest)."""
CandidateStatus = Literal["published", "withheld", "needs_input", "not_applicable"]


@dataclass(frozen=True)
class Slice:
    """What one value is about: the same slice of two releases can be compared, and subtracted."""

    indicator_code: str
    method: str
    realm: str
    area_code: str
    period: str
    dimension: str
    member: str

    @property
    def cell(self) -> Cell:
        """Its place in the table of its indicator and period."""
        return Cell(self.area_code, self.dimension, self.member)

    @property
    def table(self) -> tuple[str, str, str, str]:
        """The table it belongs to."""
        return self.indicator_code, self.method, self.realm, self.period


@dataclass(frozen=True)
class Value:
    """One candidate, and after protection one row of ``mart.indicator_value``."""

    slice: Slice
    area_level: str
    parent_area_code: str | None
    value: float | None
    unit: str
    unit_of_count: str
    numerator: float | None
    denominator: float | None
    coverage_pct: float | None
    unlinked_persons: int | None
    status: CandidateStatus
    status_note: str | None
    definition_version: int
    as_of: object


@dataclass(frozen=True)
class Shown:
    """What an earlier release published of a slice."""

    numerator: int
    denominator: int


Earlier = Mapping[Slice, Sequence[Shown]]


def protected(candidates: Iterable[Value], earlier: Earlier, rule: Rule = DEFAULT_RULE) -> list[Value]:
    """Every candidate as it may be published, in the order given.

    :raises DisclosureError: when the parts of a table exceed its totals
    """
    candidates = list(candidates)
    tables: dict[tuple[str, ...], list[Value]] = defaultdict(list)
    for candidate in candidates:
        if candidate.unit_of_count == "person" and candidate.status == "published":
            tables[candidate.slice.table].append(candidate)
    judged: dict[Slice, Value] = {}
    for rows in tables.values():
        judge = _judge_rates if rows[0].unit == "pct" else _judge_means
        judged.update((row.slice, row) for row in judge(rows, earlier, rule))
    return [judged.get(candidate.slice) or _bare(candidate) for candidate in candidates]


def _judge_rates(rows: Sequence[Value], earlier: Earlier, rule: Rule) -> list[Value]:
    """Shares of persons. The denominators are a public return of the statistics bureau: the attacker knows them."""
    counts = {row.slice.cell: _whole(row.numerator) for row in rows}
    bases = {row.slice.cell: _whole(row.denominator) for row in rows}
    parents = _parents(rows)
    whole_counts, lines = with_remainders(counts, parents)
    whole_bases, _ = with_remainders(bases, parents)
    rates = {cell: Rate(count, whole_bases.get(cell, 0)) for cell, count in whole_counts.items()}
    before = {
        row.slice.cell: Rate(
            _near([shown.numerator for shown in earlier.get(row.slice, ())], counts[row.slice.cell], rule),
            _near([shown.denominator for shown in earlier.get(row.slice, ())], bases[row.slice.cell], rule),
        )
        for row in rows
    }
    shown = protect_rates(rates, lines, rule, public_denominators=True, earlier=before)
    return [_as_rate(row, shown[row.slice.cell], rule) for row in rows]


def _judge_means(rows: Sequence[Value], earlier: Earlier, rule: Rule) -> list[Value]:
    """Averages over persons: protected as the table of how many persons each average is over."""
    counts = {row.slice.cell: _whole(row.denominator) for row in rows}
    whole, lines = with_remainders(counts, _parents(rows))
    before = {
        row.slice.cell: _near([s.denominator for s in earlier.get(row.slice, ())], counts[row.slice.cell], rule)
        for row in rows
    }
    verdicts = protect(whole, lines, rule, earlier=before)
    return [_withhold(row) if verdicts[row.slice.cell].status is Status.WITHHELD else _bare(row) for row in rows]


def with_remainders(counts: Mapping[Cell, int], parents: Mapping[str, str]) -> tuple[dict[Cell, int], tuple[Line, ...]]:
    """The table with what is missing between parts and totals as cells of their own, and its lines.

    An area's people outside its parts become the area ``<code>:rest``; a breakdown's people without a member become
    the member ``unstated``. A remainder that is nobody anywhere is left out.
    """
    whole, above = dict(counts), dict(parents)
    for line in lines_of(whole, above):
        if line.parts[0].area != line.total.area:
            remainder = Cell(f"{line.total.area}:{REST}", line.total.dimension, line.total.member)
            whole[remainder] = whole[line.total] - sum(whole[part] for part in line.parts)
            above[remainder.area] = line.total.area
    _drop_empty_areas(whole, above)
    for dimension in {cell.dimension for cell in whole} - {TOTAL}:
        rests = {
            line.total.area: whole[line.total] - sum(whole[part] for part in line.parts)
            for line in lines_of(whole, {})
            if line.parts[0].dimension == dimension
        }
        if any(rests.values()):
            whole |= {Cell(area, dimension, UNSTATED): rest for area, rest in rests.items()}
    return whole, lines_of(whole, above)


def _drop_empty_areas(whole: dict[Cell, int], above: dict[str, str]) -> None:
    for area in [code for code in above if code.endswith(f":{REST}")]:
        cells = [cell for cell in whole if cell.area == area]
        if not any(whole[cell] for cell in cells):
            del above[area]
            for cell in cells:
                del whole[cell]


def _near(shown: Iterable[int], now: int, rule: Rule) -> int:
    """Of all earlier figures the one whose difference to now would point at somebody; without such, now."""
    return next((figure for figure in shown if rule.too_few(abs(figure - now))), now)


def _parents(rows: Iterable[Value]) -> dict[str, str]:
    return {row.slice.area_code: row.parent_area_code for row in rows if row.parent_area_code}


def _as_rate(row: Value, shown: ShownRate, rule: Rule) -> Value:
    if shown.status is Status.WITHHELD:
        return _withhold(row)
    return replace(
        row,
        value=shown.value_pct,
        numerator=shown.numerator,
        denominator=shown.denominator,
        coverage_pct=_coverage(row, rule),
        status_note=shown.bound,
    )


def _coverage(row: Value, rule: Rule) -> float | None:
    """Coverage of a province only, and never where it would count a few unlinked persons."""
    if row.area_level != "province" or rule.too_few(row.unlinked_persons or 0):
        return None
    return row.coverage_pct


def _withhold(row: Value) -> Value:
    return replace(_emptied(row), status="withheld", status_note=None)


def _bare(row: Value) -> Value:
    return row if row.status == "published" else _emptied(row)


def _emptied(row: Value) -> Value:
    return replace(row, value=None, numerator=None, denominator=None, coverage_pct=None)


def _whole(figure: float | None) -> int:
    return round(figure or 0)
