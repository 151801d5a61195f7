"""Disclosure control: which published counts of persons must be withheld, and which others must go with them.

A count of 1 to k-1 persons can point at somebody, so it is withheld. That alone protects nobody: whoever reads
the totals subtracts. So further cells are withheld until no line of the table gives a withheld cell away, and an
audit bounds every withheld cell as an attacker would (release/bounds.py). Which cells were small to begin with is
for auditors only: naming them narrows the bounds. Everything here is pure: no database, same input, same output.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from release.bounds import System
from release.tables import DEFAULT_RULE, Cell, Line, Reason, Rule, Status, Verdict, check_sums

HALF_PERSON = 0.5  # bounds are whole persons; the solver's are floats


def protect(
    counts: Mapping[Cell, int],
    lines: Collection[Line],
    rule: Rule = DEFAULT_RULE,
    *,
    also: Collection[Cell] = (),
    earlier: Mapping[Cell, int] | None = None,
    known_ceiling: Mapping[Cell, int] | None = None,
) -> dict[Cell, Verdict]:
    """Judge every cell of a table of persons; a verdict per cell, in cell order.

    `also` are cells withheld for a reason from outside (reported as primary). `earlier` are the counts the last
    release published for the same slices: a change of 1 to k-1 persons withholds the cell. `known_ceiling` gives
    a public figure a count cannot exceed (a census population), which an attacker would use too.
    Raises DisclosureError when the parts of a line do not add up to its total. Judging again with the withheld
    cells as `also` withholds nothing more.
    """
    check_sums(counts, lines)
    ceiling = {cell: most for cell, most in (known_ceiling or {}).items() if most >= counts.get(cell, 0)}
    in_order = tuple(sorted(lines, key=lambda line: (line.total, line.parts)))
    table = _Table(dict(counts), in_order, rule, ceiling)
    for cell in sorted(also):
        table.withhold(cell, Reason.PRIMARY)
    table.withhold_primary(earlier or {})
    while True:
        table.withhold_complementary()
        too_thin = table.first_too_thin()
        if too_thin is None or not table.widen(too_thin):
            break
    return {
        cell: Verdict(Status.WITHHELD, table.withheld[cell]) if cell in table.withheld else Verdict(Status.PUBLISHED)
        for cell in sorted(counts)
    }


@dataclass
class _Table:
    """A table being judged: counts, and the cells withheld so far with their reasons."""

    counts: dict[Cell, int]
    lines: tuple[Line, ...]
    rule: Rule
    ceiling: dict[Cell, int]
    withheld: dict[Cell, Reason] = field(default_factory=dict)
    # What each withheld cell was seen to be able to hold. A possible table stays possible when more is withheld,
    # so what was once seen to be wide needs no second programme.
    seen: dict[Cell, tuple[float, float]] = field(default_factory=dict)
    lines_with: dict[Cell, list[Line]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.lines:
            for cell in (line.total, *line.parts):
                self.lines_with.setdefault(cell, []).append(line)

    def withhold(self, cell: Cell, reason: Reason) -> None:
        if cell not in self.withheld:
            self.withheld[cell] = reason
            self.seen[cell] = (self.counts[cell], self.counts[cell])

    def withhold_primary(self, earlier: Mapping[Cell, int]) -> None:
        for cell in sorted(self.counts):
            persons = self.counts[cell]
            hidden_zero = persons == 0 and not self.rule.zero_is_shown
            changed = cell in earlier and self.rule.too_few(abs(persons - earlier[cell]))
            if self.rule.too_few(persons) or hidden_zero or changed:
                self.withhold(cell, Reason.PRIMARY)
        for line in self.lines:
            for part in line.parts:
                remain = self.counts[line.total] - self.counts[part]
                if self.counts[part] > 0 and self.rule.too_few(remain):
                    self.withhold(part, Reason.PRIMARY)

    def withhold_complementary(self) -> None:
        """Withhold until no line has exactly one withheld cell, which its neighbours would give away."""
        lonely = True
        while lonely:
            lonely = False
            for line in self.lines:
                if sum(cell in self.withheld for cell in (line.total, *line.parts)) == 1:
                    lonely = self._withhold_next([line], Reason.COMPLEMENTARY) or lonely

    def widen(self, near: Collection[Line]) -> bool:
        """Withhold one more cell in these lines, or in lines tied to them; False when nothing is left to withhold."""
        while not self._withhold_next(near, Reason.AUDIT):
            tied = {cell for line in near for cell in (line.total, *line.parts) if cell in self.withheld}
            wider = [line for line in self.lines if tied & {line.total, *line.parts}]
            if len(wider) == len(near):
                return False
            near = wider
        return True

    def _withhold_next(self, lines: Collection[Line], reason: Reason) -> bool:
        parts = {part for line in lines for part in line.parts}
        totals = {line.total for line in lines} - parts
        for cells in (parts, totals):
            open_cells = [cell for cell in cells if cell not in self.withheld and self.counts[cell] > 0]
            if open_cells:
                self.withhold(min(open_cells, key=lambda cell: (self.counts[cell], cell)), reason)
                return True
        return False

    def first_too_thin(self) -> Collection[Line] | None:
        """The lines around the first withheld cell that can be pinned down too well; None when there is none."""
        for line in self.lines:
            hidden = [part for part in line.parts if part in self.withheld]
            if hidden and line.total not in self.withheld and self.rule.too_few(sum(self.counts[c] for c in hidden)):
                return [line]
        for component in self._components():
            exposed = self._first_narrow(component)
            if exposed is not None:
                return self.lines_with.get(exposed, [])
        return None

    def _first_narrow(self, component: list[Cell]) -> Cell | None:
        lines = {id(line): line for cell in component for line in self.lines_with.get(cell, ())}.values()
        system = System.of(component, lines, self.counts)
        # A finite ceiling keeps every programme bounded; it lies beyond anything the test for width needs.
        beyond = max(self.counts.values()) + 10.0 * self.rule.protection
        ceiling = np.array([min(beyond, self.ceiling.get(cell, beyond)) for cell in component], dtype=float)
        for cell in component:
            for largest in (True, False):
                if self._is_wide(cell):
                    break
                possible = system.extreme(cell, largest=largest, ceiling=ceiling)
                if possible is not None:
                    self._remember(component, possible)
            if not self._is_wide(cell):
                return cell
        return None

    def _is_wide(self, cell: Cell) -> bool:
        low, high = self.seen[cell]
        return high - low > min(self.rule.protection, self.ceiling.get(cell, self.rule.protection)) - HALF_PERSON

    def _remember(self, component: list[Cell], possible: np.ndarray) -> None:
        for cell, persons in zip(component, possible, strict=True):
            low, high = self.seen[cell]
            self.seen[cell] = (min(low, float(persons)), max(high, float(persons)))

    def _components(self) -> list[list[Cell]]:
        """The withheld cells in groups that share lines; cells of different groups say nothing of each other."""
        left = set(self.withheld)
        groups: list[list[Cell]] = []
        for start in sorted(self.withheld):
            if start not in left:
                continue
            left.discard(start)
            group, ahead = [start], [start]
            while ahead:
                for line in self.lines_with.get(ahead.pop(), ()):
                    for cell in (line.total, *line.parts):
                        if cell in left:
                            left.discard(cell)
                            group.append(cell)
                            ahead.append(cell)
            groups.append(sorted(group))
        return groups
