"""Disclosure control: which published counts of persons must be withheld, and which others must go with them.

A count of 1 to k-1 persons can point at somebody, so it is withheld. That alone protects nobody: whoever reads
the totals subtracts, and whoever has kept the last release subtracts that. So further cells are withheld until no line
of the table gives a withheld cell or a small change away, and an audit bounds every withheld cell as an attacker would
(release/bounds.py). Which cells were small to begin with is for auditors only: naming them narrows the bounds.
Everything here is pure: no database, same input, same output.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from release.tables import DEFAULT_RULE, Cell, Line, Reason, Rule, Status, Verdict, worth
from release.withholding import Table


def protect(
    counts: Mapping[Cell, float],
    lines: Collection[Line],
    rule: Rule = DEFAULT_RULE,
    *,
    also: Collection[Cell] = (),
    earlier: Sequence[Mapping[Cell, float]] = (),
    known_ceiling: Mapping[Cell, float] | None = None,
) -> dict[Cell, Verdict]:
    """Judge every cell of a table of persons; a verdict per cell, in cell order.

    `also` are cells withheld for a reason from outside (reported as primary). `earlier` are the counts that earlier
    releases showed of the same slices, one table a release: a change of 1 to k-1 persons, or one that others give
    away, is withheld. `known_ceiling` gives a public figure a count cannot exceed (a census population), which an
    attacker would use too. Raises DisclosureError when the parts of a line do not add up to its total. Judging again
    with the withheld cells as `also` withholds nothing more.
    """
    measure = Measure(counts, lines, earlier, known_ceiling or {})
    withheld = protect_together([measure], rule, [cell for cell in also if cell in counts])
    return {
        cell: Verdict(Status.WITHHELD, withheld[cell]) if cell in withheld else Verdict(Status.PUBLISHED)
        for cell in sorted(counts)
    }


@dataclass(frozen=True)
class Measure:
    """One of the figures that a table shows of every cell: its counts, their sums, what limits and preceded them."""

    counts: Mapping[Cell, float]
    lines: Collection[Line]
    earlier: Sequence[Mapping[Cell, float]] = ()
    known_ceiling: Mapping[Cell, float] = field(default_factory=dict)


def protect_together(measures: Sequence[Measure], rule: Rule, primary: Iterable[Cell] = ()) -> dict[Cell, Reason]:
    """Cells to withhold where several figures of a cell are shown or withheld as one (numerator and denominator).

    Where a cell can be bounded too well, what goes with it is chosen in two ways: its smallest neighbour, or the set
    that costs readers least. The way that leaves them more stands; the headline counts most.
    """
    primary = sorted(primary)
    near = _Attempt.of(measures, rule, primary, cheapest=False)
    if not near.had_to_choose:
        return near.withheld
    least = _Attempt.of(measures, rule, primary, cheapest=True)
    return min((near, least), key=lambda attempt: attempt.cost).withheld


@dataclass(frozen=True)
class _Attempt:
    """What one way of choosing withholds, what that costs readers, and whether there was anything to choose."""

    withheld: dict[Cell, Reason]
    cost: float
    had_to_choose: bool

    @classmethod
    def of(cls, measures: Sequence[Measure], rule: Rule, primary: Sequence[Cell], *, cheapest: bool) -> _Attempt:
        tables = [
            Table(each.counts, each.lines, rule, each.earlier, each.known_ceiling, cheapest=cheapest)
            for each in measures
        ]
        withheld = dict.fromkeys(primary, Reason.PRIMARY)
        settled = False
        while not settled and not any(table.is_out_of_patience for table in tables):
            before = len(withheld)
            for table in tables:
                for cell, reason in table.judge(tuple(withheld)).items():
                    withheld.setdefault(cell, reason)
            settled = len(withheld) == before
        cost = sum(worth(cell) for cell in withheld) if settled else float("inf")
        return cls(withheld, cost, any(table.had_to_choose for table in tables))
