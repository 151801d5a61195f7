"""What an attacker can work out about withheld cells from the published ones: exact bounds by linear programming.

The attacker knows every published cell, that parts add up to totals, and that no count is negative. Over an area
tree and up to two breakdowns (sex, age band) that share their totals, the sums form two laminar families, their
matrix is totally unimodular, and so the linear bounds are also the tightest bounds in whole persons. Groupings of
counties beside the tree break that: where a solution comes out in fractions, it is sought again in whole persons.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, hstack

from release.tables import NOBODY, Cell, DisclosureError, Line

_UNBOUNDED = 3
"""What the solver answers where a programme has no end."""


def feasible_interval(published: Mapping[Cell, float], lines: Collection[Line], cell: Cell) -> tuple[float, float]:
    """The persons a withheld cell may hold, lowest and highest, by all that the published cells say.

    Cells that occur in `lines` and not in `published` are withheld. The highest is infinite when nothing bounds it.
    """
    cells = sorted({c for line in lines for c in (line.total, *line.parts)} | set(published))
    index = {each: at for at, each in enumerate(cells)}
    known = np.array([published.get(each, 0.0) for each in cells], dtype=float)
    matrix = incidence(index, lines)
    overlaps = np.array([line.overlap for line in lines], dtype=float)
    hidden = np.array([each not in published for each in cells])
    system = System.of(matrix[:, hidden], overlaps - matrix @ known)
    at = int(np.flatnonzero(hidden).searchsorted(index[cell]))
    low = system.extreme(at, largest=False, ceiling=np.full(int(hidden.sum()), np.inf))
    high = system.extreme(at, largest=True, ceiling=np.full(int(hidden.sum()), np.inf))
    return (0.0 if low is None else float(low[at]), float("inf") if high is None else float(high[at]))


def incidence(index: Mapping[Cell, int], lines: Collection[Line]) -> csr_array:
    """The sums of a table: a row a line, 1 for each of its parts and -1 for its total."""
    rows = [at for at, line in enumerate(lines) for _ in range(len(line.parts) + 1)]
    columns = [index[cell] for line in lines for cell in (line.total, *line.parts)]
    signs = [sign for line in lines for sign in (-1.0, *([1.0] * len(line.parts)))]
    return csr_array((signs, (rows, columns)), shape=(len(lines), len(index)))


@dataclass(frozen=True)
class System:
    """The equations that tie withheld cells together, once the published ones are filled in."""

    matrix: csr_array
    sums: np.ndarray
    is_whole: bool
    """Counts are whole persons; weighted heads are not."""

    @classmethod
    def of(cls, matrix: csr_array, sums: np.ndarray) -> System:
        """Columns are the withheld cells; lines without any of them are left out."""
        told = np.diff(matrix.indptr) > 0
        matrix, sums = matrix[told], sums[told]
        return cls(matrix, sums, bool(np.abs(sums - np.round(sums)).max(initial=0.0) <= NOBODY))

    def extreme(self, at: int, *, largest: bool, ceiling: np.ndarray) -> np.ndarray | None:
        """A possible table with one cell at its largest or smallest; None when it has no bound that way."""
        aim = np.zeros(self.matrix.shape[1])
        aim[at] = -1.0 if largest else 1.0
        return self.towards(aim, ceiling)

    def towards(self, aim: np.ndarray, ceiling: np.ndarray) -> np.ndarray | None:
        """A possible table that goes as far against `aim` as it can; None when nothing stops it."""
        bounds = np.column_stack((np.zeros(len(ceiling)), ceiling))
        equations = {"A_eq": self.matrix, "b_eq": self.sums} if len(self.sums) else {}
        found = linprog(aim, bounds=bounds, method="highs", **equations)
        if found.status == _UNBOUNDED:
            return None
        table = found.x
        if found.success and self.is_whole and np.abs(table - np.round(table)).max(initial=0.0) > NOBODY:
            table = self._in_whole_persons(aim, ceiling)
        if not found.success or table is None:
            raise DisclosureError("the bounds of the withheld cells of a table of persons could not be computed")
        return np.asarray(np.round(table) if self.is_whole else table, dtype=float)

    def _in_whole_persons(self, aim: np.ndarray, ceiling: np.ndarray) -> np.ndarray | None:
        found = milp(
            aim,
            integrality=np.ones(len(aim)),
            bounds=Bounds(np.zeros(len(ceiling)), ceiling),
            constraints=[LinearConstraint(self.matrix, self.sums, self.sums)],
        )
        return None if found.x is None else np.asarray(found.x)


def cheapest_move(
    matrix: csr_array, at: int, by: float, cost: np.ndarray, *, above: np.ndarray, below: np.ndarray
) -> np.ndarray | None:
    """How cells can change together so that every sum holds and one cell changes by so much.

    `cost` is what a change of one person costs, a cell; `above` and `below` are how far each may grow and shrink.
    None when the cell cannot change by so much.
    """
    most = np.concatenate((above, below))
    least = np.zeros(len(most))
    chosen = at if by > 0 else at + len(cost)
    if most[chosen] < abs(by):
        return None
    least[chosen] = most[chosen] = abs(by)
    least[chosen - len(cost)] = most[chosen - len(cost)] = 0.0
    found = linprog(
        np.concatenate((cost, cost)),
        A_eq=hstack((matrix, -matrix), format="csr"),
        b_eq=np.zeros(matrix.shape[0]),
        bounds=np.column_stack((least, most)),
        method="highs",
    )
    return np.asarray(found.x[: len(cost)] - found.x[len(cost) :]) if found.success else None
