"""A table of persons while it is judged: what is withheld so far, and what goes with it.

Two ways of choosing what goes with a cell that can be bounded too well: its smallest neighbour, which is quick and
enough where few cells are small, or the cells that cost readers least of all that make it wide, by one programme over
the whole table. In both, breakdowns go before totals, and the province's total last of all: a breakdown that cannot be
protected beside it is withheld to its last cell, the empty ones too, and its sums stay in the audit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from release.bounds import System, cheapest_move, incidence
from release.tables import NOBODY, PROVINCE, TOTAL, Cell, Line, Reason, Rule, check_sums, worth

HALF_PERSON = 0.5  # bounds are whole persons; the solver's are floats
FEW = 4  # cells that are cheaper to bound one by one
PATIENT_AUDITS, PATIENT_CELLS = 5, 1500  # of neighbour after neighbour, more in small tables; then it is nearly empty
WORTH_ANOTHER = 0.9  # of many cells bounded at once, so many may be left for another try to pay
WITHHELD_ALREADY = 1e-3  # what a cell costs that is withheld anyway: hardly anything, so that moves stay short


class Table:
    """A table being judged: counts, and the cells withheld so far with their reasons. Cells are numbered in order."""

    def __init__(
        self,
        counts: Mapping[Cell, float],
        lines: Collection[Line],
        rule: Rule,
        earlier: Sequence[Mapping[Cell, float]],
        known_ceiling: Mapping[Cell, float],
        *,
        cheapest: bool,
    ) -> None:
        check_sums(counts, lines)
        self.rule = rule
        self.cells = sorted(counts)
        self.index = {cell: at for at, cell in enumerate(self.cells)}
        self.counts = [counts[cell] for cell in self.cells]
        self.headline = self.index.get(Cell(PROVINCE))
        self.is_total = [cell.dimension == TOTAL for cell in self.cells]
        lines = sorted(lines, key=lambda line: (line.total, line.parts))
        self.lines = [Numbered.of(line, self.index) for line in lines]
        self.lines_with: list[list[Numbered]] = [[] for _ in self.cells]
        for line in self.lines:
            for at in (line.total, *line.parts):
                self.lines_with[at].append(line)
        self.matrix = incidence(self.index, lines)
        self.earlier = [{self.index[c]: n for c, n in before.items() if c in self.index} for before in earlier]
        known = {self.index[c]: most for c, most in known_ceiling.items() if c in self.index}
        # a ceiling below the count (people of no county, a gross rate) tells nobody anything
        self.ceiling = {at: most for at, most in known.items() if most >= self.counts[at]}
        # A finite ceiling keeps every programme bounded; it lies beyond anything the test for width needs.
        beyond = np.ceil(max(self.counts, default=0.0) + 10.0 * rule.protection)
        self.ceilings = np.array([min(beyond, self.ceiling.get(at, beyond)) for at in range(len(self.cells))])
        self.ceilings = np.maximum(self.ceilings, self.counts)
        self.needed = np.array([self.ceiling.get(at, rule.protection) for at in range(len(self.cells))])
        self.needed = np.minimum(self.needed, rule.protection) - HALF_PERSON
        # of cells worth the same, the smaller ones
        self.cost = np.array([worth(cell) for cell in self.cells]) + np.log1p(self.counts) / 20.0
        self.cheapest = cheapest
        self.withheld: dict[int, Reason] = {}
        # What each withheld cell was seen to be able to hold. A possible table stays possible when more is withheld,
        # so what was once seen to be wide needs no second programme.
        self.low = np.array(self.counts, dtype=float)
        self.high = self.low.copy()
        self.audits = 0
        self.had_to_choose = False

    @property
    def is_out_of_patience(self) -> bool:
        """Whether this way of choosing has been given up, with cells still to be protected."""
        return not self.cheapest and self.audits > max(PATIENT_AUDITS, PATIENT_CELLS // max(1, len(self.cells)))

    def judge(self, also: Iterable[Cell] = ()) -> Mapping[Cell, Reason]:
        """Withhold these too, and whatever must go with them; safe to call again with more."""
        news = [at for cell in sorted(also) if (at := self.index.get(cell)) is not None and at not in self.withheld]
        if news or not self.audits:
            for at in news:
                self.withhold(at, Reason.PRIMARY)
            if not self.audits:
                self.withhold_primary()
            self.withhold_complementary()
            while not self.is_out_of_patience and (self.withhold_changes() or self.audit()):
                self.withhold_complementary()
        return {self.cells[at]: reason for at, reason in self.withheld.items()}

    def withhold(self, at: int, reason: Reason) -> None:
        """Withhold a cell; the first reason stands."""
        self.withheld.setdefault(at, reason)

    def withhold_primary(self) -> None:
        """Withhold what is small, leaves few over, or has changed by a few."""
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
                    more = self._withhold_next([line], Reason.COMPLEMENTARY)
                    lonely = more is not None or self._withhold_last([line], Reason.COMPLEMENTARY) or lonely

    def withhold_changes(self) -> bool:
        """Withhold where what a line hides has changed by a few persons since a release; whether anything was."""
        found = False
        for before in self.earlier:
            for line in self.lines:
                while self.rule.too_few(abs(self._hidden_change(line, before))):
                    self._blur(line, before)
                    found = True
        return found

    def _hidden_change(self, line: Numbered, before: Mapping[int, float]) -> float:
        """By how much the withheld parts of a line have grown, as two releases of the others tell; 0 if they do not."""
        if line.total in self.withheld or line.total not in before:
            return 0.0
        known = [part for part in line.parts if part not in self.withheld and part in before]
        if len(known) == len(line.parts):
            return 0.0
        return self._growth(line.total, before) - sum(self._growth(part, before) for part in known)

    def _blur(self, line: Numbered, before: Mapping[int, float]) -> None:
        """Withhold the smallest part whose own change drowns the small one, else the total; the headline last."""
        change = self._hidden_change(line, before)
        loud = [
            part
            for part in line.parts
            if part in before
            and part not in self.withheld
            and self.counts[part] > 0
            and not self.rule.too_few(abs(change + self._growth(part, before)))
        ]
        rest = [part for part in line.parts if part not in self.withheld] if line.total == self.headline else []
        self.withhold(min(loud or rest, key=self._by_size, default=line.total), Reason.AUDIT)

    def _growth(self, at: int, before: Mapping[int, float]) -> float:
        return self.counts[at] - before[at]

    def audit(self) -> bool:
        """Withhold more around every cell that can be pinned down too well; whether anything was."""
        self.audits += 1
        exposed = [[line] for line in self.lines if self._is_thin(line)]
        widened = {self.widen(near) for near in exposed} - {None}
        if not widened:
            narrow = self._narrow()
            self.had_to_choose = self.had_to_choose or bool(narrow)
            for at in narrow:
                near = self.lines_with[at]
                if self.cheapest:
                    widened |= self._make_room(at) or {self.widen(near)}
                # a neighbour that was just withheld may have made it wide enough
                elif widened.isdisjoint(cell for line in near for cell in line.cells):
                    widened |= {self.widen(near)}
            widened -= {None}
            exposed += [self.lines_with[at] for at in narrow]
        return bool(widened) or any(self._withhold_last(near, Reason.AUDIT) for near in exposed)

    def _make_room(self, at: int) -> set[int | None]:
        """Withhold what costs least of all that lets a cell seem as far from its count as it must; what was new."""
        if self._is_wide(np.array([at])).all():
            return {None}
        counts, need = np.array(self.counts), float(np.ceil(self.needed[at]))
        cost = self.cost.copy()
        cost[list(self.withheld)] = WITHHELD_ALREADY
        for by in (need, -need):
            move = cheapest_move(self.matrix, at, by, cost, above=self.ceilings - counts, below=counts)
            if move is not None:
                moved = {int(each) for each in np.flatnonzero(np.abs(move) > NOBODY)}
                more = moved - self.withheld.keys()
                for each in sorted(more):
                    self.withhold(each, Reason.AUDIT)
                if np.abs(move - np.round(move)).max() <= NOBODY:
                    self._remember(np.arange(len(counts)), counts + move)
                return {*more}
        return set()

    def _is_thin(self, line: Numbered) -> bool:
        """Whether all that a line hides is a few persons."""
        hidden = [part for part in line.parts if part in self.withheld]
        return (
            bool(hidden)
            and line.total not in self.withheld
            and self.rule.too_few(sum(self.counts[part] for part in hidden))
        )

    def widen(self, near: Collection[Numbered], reason: Reason = Reason.AUDIT) -> int | None:
        """Withhold one more cell in these lines, or in lines tied to them; None when nothing but the last is left."""
        while (more := self._withhold_next(near, reason)) is None:
            tied = {at for line in near for at in line.cells if at in self.withheld}
            wider = {id(line): line for at in tied for line in self.lines_with[at]}
            if len(wider) == len(near):
                return None
            near = list(wider.values())
        return more

    def _withhold_last(self, near: Collection[Numbered], reason: Reason) -> bool:
        """Withhold a cell of nobody where no other helped, and last of all the headline; whether there was one."""
        cells = {at for line in near for at in line.cells if at not in self.withheld}
        for at in sorted(cells - {self.headline}) or sorted(cells):
            self.withhold(at, reason)
            return True
        return False

    def _withhold_next(self, lines: Collection[Numbered], reason: Reason) -> int | None:
        """The next cell of these lines, the smallest first: breakdowns before totals, parts before sums of them."""
        parts = {part for line in lines for part in line.parts}
        sums = {line.total for line in lines} - parts
        members = {at for at in parts | sums if not self.is_total[at]}
        somebody = {at for at in parts | sums if self.counts[at] > 0}
        tiers = parts & members & somebody, sums & members & somebody, members, parts & somebody, sums & somebody
        for cells in tiers:
            open_cells = [at for at in cells if at not in self.withheld and at != self.headline]
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
class Numbered:
    """A line by the numbers of its cells."""

    total: int
    parts: tuple[int, ...]
    overlap: float

    @classmethod
    def of(cls, line: Line, index: Mapping[Cell, int]) -> Numbered:
        """The line in a table numbered so."""
        return cls(index[line.total], tuple(index[part] for part in line.parts), line.overlap)

    @property
    def cells(self) -> tuple[int, ...]:
        """Its total and its parts."""
        return (self.total, *self.parts)
