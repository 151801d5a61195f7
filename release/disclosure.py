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

import numpy as np
from scipy.sparse.csgraph import connected_components

from release.bounds import System, incidence
from release.tables import DEFAULT_RULE, Cell, Line, Reason, Rule, Status, Verdict, check_sums

HALF_PERSON = 0.5  # bounds are whole persons; the solver's are floats
FEW = 4  # cells that are cheaper to bound one by one
PATIENT_AUDITS = 8  # that withhold one cell at a time; what needs more is nearly empty, and gets one more each time
WORTH_ANOTHER = 0.9  # of many cells bounded at once, so many may be left for another try to pay


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
    table = _Table(counts, lines, rule, earlier=earlier, known_ceiling=known_ceiling)
    withheld = table.judge(also)
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
    """Cells to withhold where several figures of a cell are shown or withheld as one (numerator and denominator)."""
    tables = [
        _Table(each.counts, each.lines, rule, earlier=each.earlier, known_ceiling=each.known_ceiling)
        for each in measures
    ]
    withheld = dict.fromkeys(sorted(primary), Reason.PRIMARY)
    settled = False
    while not settled:
        before = len(withheld)
        for table in tables:
            for cell, reason in table.judge(tuple(withheld)).items():
                withheld.setdefault(cell, reason)
        settled = len(withheld) == before
    return withheld


class _Table:
    """A table being judged: counts, and the cells withheld so far with their reasons. Cells are numbered in order."""

    def __init__(
        self,
        counts: Mapping[Cell, float],
        lines: Collection[Line],
        rule: Rule,
        *,
        earlier: Sequence[Mapping[Cell, float]] = (),
        known_ceiling: Mapping[Cell, float] | None = None,
    ) -> None:
        check_sums(counts, lines)
        self.rule = rule
        self.cells = sorted(counts)
        self.index = {cell: at for at, cell in enumerate(self.cells)}
        self.counts = [counts[cell] for cell in self.cells]
        lines = sorted(lines, key=lambda line: (line.total, line.parts))
        self.lines = [_Numbered.of(line, self.index) for line in lines]
        self.lines_with: list[list[_Numbered]] = [[] for _ in self.cells]
        for line in self.lines:
            for at in (line.total, *line.parts):
                self.lines_with[at].append(line)
        self.matrix = incidence(self.index, lines)
        self.earlier = [{self.index[c]: n for c, n in before.items() if c in self.index} for before in earlier]
        known = {self.index[c]: most for c, most in (known_ceiling or {}).items() if c in self.index}
        # a ceiling below the count (people of no county, a gross rate) tells nobody anything
        self.ceiling = {at: most for at, most in known.items() if most >= self.counts[at]}
        # A finite ceiling keeps every programme bounded; it lies beyond anything the test for width needs.
        beyond = np.ceil(max(self.counts, default=0.0) + 10.0 * rule.protection)
        self.ceilings = np.array([min(beyond, self.ceiling.get(at, beyond)) for at in range(len(self.cells))])
        self.ceilings = np.maximum(self.ceilings, self.counts)
        self.needed = np.array([self.ceiling.get(at, rule.protection) for at in range(len(self.cells))])
        self.needed = np.minimum(self.needed, rule.protection) - HALF_PERSON
        self.withheld: dict[int, Reason] = {}
        # What each withheld cell was seen to be able to hold. A possible table stays possible when more is withheld,
        # so what was once seen to be wide needs no second programme.
        self.low = np.array(self.counts, dtype=float)
        self.high = self.low.copy()
        self.audits = 0

    def judge(self, also: Iterable[Cell] = ()) -> Mapping[Cell, Reason]:
        """Withhold these too, and whatever must go with them; safe to call again with more."""
        news = [at for cell in sorted(also) if (at := self.index.get(cell)) is not None and at not in self.withheld]
        if news or not self.audits:
            for at in news:
                self.withhold(at, Reason.PRIMARY)
            if not self.audits:
                self.withhold_primary()
            self.withhold_complementary()
            while self.withhold_changes() or self.audit():
                self.withhold_complementary()
        return {self.cells[at]: reason for at, reason in self.withheld.items()}

    def withhold(self, at: int, reason: Reason) -> None:
        self.withheld.setdefault(at, reason)

    def withhold_primary(self) -> None:
        for at, persons in enumerate(self.counts):
            hidden_zero = persons == 0 and not self.rule.zero_is_shown
            changed = any(at in before and self.rule.too_few(abs(persons - before[at])) for before in self.earlier)
            if self.rule.too_few(persons) or hidden_zero or changed:
                self.withhold(at, Reason.PRIMARY)
        for line in self.lines:
            for part in line.parts:
                remain = self.counts[line.total] - self.counts[part]
                if not line.overlap and self.counts[part] > 0 and self.rule.too_few(remain):
                    self.withhold(part, Reason.PRIMARY)

    def withhold_complementary(self) -> None:
        """Withhold until no line has exactly one withheld cell, which its neighbours would give away."""
        lonely = True
        while lonely:
            lonely = False
            for line in self.lines:
                if sum(at in self.withheld for at in line.cells) == 1:
                    lonely = self._withhold_next([line], Reason.COMPLEMENTARY) is not None or lonely

    def withhold_changes(self) -> bool:
        """Withhold where what a line hides has changed by a few persons since a release; whether anything was."""
        found = False
        for before in self.earlier:
            for line in self.lines:
                while self.rule.too_few(abs(self._hidden_change(line, before))):
                    self._blur(line, before)
                    found = True
        return found

    def _hidden_change(self, line: _Numbered, before: Mapping[int, float]) -> float:
        """By how much the withheld parts of a line have grown, as two releases of the others tell; 0 if they do not."""
        if line.total in self.withheld or line.total not in before:
            return 0.0
        known = [part for part in line.parts if part not in self.withheld and part in before]
        if len(known) == len(line.parts):
            return 0.0
        return self._growth(line.total, before) - sum(self._growth(part, before) for part in known)

    def _blur(self, line: _Numbered, before: Mapping[int, float]) -> None:
        """Withhold the smallest part whose own change drowns the small one, else the total."""
        change = self._hidden_change(line, before)
        loud = [
            part
            for part in line.parts
            if part in before
            and part not in self.withheld
            and self.counts[part] > 0
            and not self.rule.too_few(abs(change + self._growth(part, before)))
        ]
        self.withhold(min(loud, key=self._by_size, default=line.total), Reason.AUDIT)

    def _growth(self, at: int, before: Mapping[int, float]) -> float:
        return self.counts[at] - before[at]

    def audit(self) -> bool:
        """Withhold more around every cell that can be pinned down too well; whether anything was."""
        self.audits += 1
        widened = {self.widen([line]) for line in self.lines if self._is_thin(line)}
        if not widened:
            for at in self._narrow():
                near = self.lines_with[at]
                # a neighbour that was just withheld may have made it wide enough
                if widened.isdisjoint(cell for line in near for cell in line.cells):
                    widened |= {self.widen(near) for _ in range(max(1, self.audits - PATIENT_AUDITS))}
        return bool(widened - {None})

    def _is_thin(self, line: _Numbered) -> bool:
        """Whether all that a line hides is a few persons."""
        hidden = [part for part in line.parts if part in self.withheld]
        return (
            bool(hidden)
            and line.total not in self.withheld
            and self.rule.too_few(sum(self.counts[part] for part in hidden))
        )

    def widen(self, near: Collection[_Numbered]) -> int | None:
        """Withhold one more cell in these lines, or in lines tied to them; None when nothing is left to withhold."""
        while (more := self._withhold_next(near, Reason.AUDIT)) is None:
            tied = {at for line in near for at in line.cells if at in self.withheld}
            wider = {id(line): line for at in tied for line in self.lines_with[at]}
            if len(wider) == len(near):
                return None
            near = list(wider.values())
        return more

    def _withhold_next(self, lines: Collection[_Numbered], reason: Reason) -> int | None:
        parts = {part for line in lines for part in line.parts}
        totals = {line.total for line in lines} - parts
        for cells in (parts, totals):
            open_cells = [at for at in cells if at not in self.withheld and self.counts[at] > 0]
            if open_cells:
                chosen = min(open_cells, key=self._by_size)
                self.withhold(chosen, reason)
                return chosen
        return None

    def _by_size(self, at: int) -> tuple[float, int]:
        return self.counts[at], at

    def _narrow(self) -> list[int]:
        """Withheld cells that an attacker can bound more tightly than the protection allows."""
        hidden = np.array(sorted(self.withheld), dtype=int)
        tied = self.matrix[:, hidden]
        _, group = connected_components(tied.T @ tied, directed=False)
        narrow = []
        for number in np.unique(group[~self._is_wide(hidden)]):
            component = hidden[group == number]
            equations = self.matrix[:, component]
            system = System.of(equations, equations @ np.array([self.counts[at] for at in component]))
            self._sweep(component, system)
            narrow += self._narrow_of(component, system)
        return narrow

    def _narrow_of(self, component: np.ndarray, system: System) -> list[int]:
        for place in range(len(component)):
            for largest in (True, False):
                if not self._is_wide(component[place : place + 1]).all():
                    self._remember(component, system.extreme(place, largest=largest, ceiling=self.ceilings[component]))
        return [int(at) for at in component[~self._is_wide(component)]]

    def _sweep(self, component: np.ndarray, system: System) -> None:
        """Bound many cells at once: tables as far as can be in some direction, as long as each widens many."""
        random = np.random.default_rng(len(component))  # the same directions for the same table
        left = int((~self._is_wide(component)).sum())
        while left > FEW:
            aim = np.where(self._is_wide(component), 0.0, random.choice((-1.0, 1.0), len(component)))
            for direction in (aim, -aim):
                self._remember(component, system.towards(direction, self.ceilings[component]))
            before, left = left, int((~self._is_wide(component)).sum())
            if left > WORTH_ANOTHER * before:
                return

    def _is_wide(self, cells: np.ndarray) -> np.ndarray:
        wide: np.ndarray = self.high[cells] - self.low[cells] > self.needed[cells]
        return wide

    def _remember(self, component: np.ndarray, possible: np.ndarray | None) -> None:
        if possible is not None:
            self.low[component] = np.minimum(self.low[component], possible)
            self.high[component] = np.maximum(self.high[component], possible)


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A line by the numbers of its cells."""

    total: int
    parts: tuple[int, ...]
    overlap: float

    @classmethod
    def of(cls, line: Line, index: Mapping[Cell, int]) -> _Numbered:
        return cls(index[line.total], tuple(index[part] for part in line.parts), line.overlap)

    @property
    def cells(self) -> tuple[int, ...]:
        return (self.total, *self.parts)
