"""How far unlinked persons could move a figure, shown only where that does not count a few of them.

Whoever sees a value and its upper bound knows how many records belong to nobody yet. Their numbers are a table of
persons like any other: judged over the province and its prefectures (a county's would be few), and over releases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from release.candidates import Value, Version
from release.disclosure import protect
from release.remainders import with_remainders
from release.tables import Cell, Rule, Status

LEVELS = ("province", "prefecture")


def with_bounds(shown: Sequence[Value], known: Sequence[Value], earlier: Sequence[Version], rule: Rule) -> list[Value]:
    """The judged rows with bounds and coverage where they may stand; `known` are the same rows before."""
    unlinked = {row.slice.cell: row.unlinked_persons for row in known if row.area_level in LEVELS}
    counts = {cell: number for cell, number in unlinked.items() if number is not None}
    hidden = [row.slice.cell for row in shown if row.slice.cell in counts and (row.value is None or row.status_note)]
    before = [
        {cell: each.unlinked for cell, each in version.items() if each.unlinked is not None} for version in earlier
    ]
    parents = {row.slice.area_code: row.parent_area_code for row in known if row.parent_area_code}
    whole, lines = with_remainders(counts, {area: above for area, above in parents.items() if _is_in(area, counts)})
    verdicts = protect(whole, lines, rule, also=hidden, earlier=before)
    free = {cell for cell in counts if verdicts[cell].status is Status.PUBLISHED}
    return [row if row.unlinked_persons is None or row.slice.cell in free else _unbounded(row) for row in shown]


def _is_in(area: str, counts: dict[Cell, int]) -> bool:
    return any(cell.area == area for cell in counts)


def _unbounded(row: Value) -> Value:
    return replace(row, value_low=None, value_high=None, coverage_pct=None)
