"""What an attacker can work out about withheld cells from the published ones: exact bounds by linear programming.

The attacker knows every published cell, that parts add up to totals, and that no count is negative. Over an area
tree and up to two breakdowns (sex, age band) that share their totals, the sums form two laminar families, their
matrix is totally unimodular, and so the linear bounds are also the tightest bounds in whole persons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from release.tables import Cell, DisclosureError, Line


def feasible_interval(published: Mapping[Cell, int], lines: Collection[Line], cell: Cell) -> tuple[float, float]:
    """The persons a withheld cell may hold, lowest and highest, by all that the published cells say.

    Cells that occur in `lines` and not in `published` are withheld. The highest is infinite when nothing bounds it.
    """
    hidden = sorted({c for line in lines for c in (line.total, *line.parts)} - set(published))
    system = System.of(hidden, lines, published)
    low = system.extreme(cell, largest=False, ceiling=np.full(len(hidden), np.inf))
    high = system.extreme(cell, largest=True, ceiling=np.full(len(hidden), np.inf))
    at = system.index[cell]
    return (0.0 if low is None else float(low[at]), float("inf") if high is None else float(high[at]))


@dataclass(frozen=True)
class System:
    """The equations that tie withheld cells together, once the published ones are filled in."""

    index: dict[Cell, int]
    matrix: csr_array
    sums: np.ndarray

    @classmethod
    def of(cls, hidden: Collection[Cell], lines: Iterable[Line], known: Mapping[Cell, int]) -> System:
        """Write down every line that has a withheld cell in it."""
        index = {cell: at for at, cell in enumerate(hidden)}
        rows: list[int] = []
        columns: list[int] = []
        signs: list[float] = []
        sums: list[float] = []
        for line in lines:
            terms = [(line.total, -1.0), *((part, 1.0) for part in line.parts)]
            unknown = [(index[cell], sign) for cell, sign in terms if cell in index]
            if unknown:
                rows += [len(sums)] * len(unknown)
                columns += [at for at, _ in unknown]
                signs += [sign for _, sign in unknown]
                sums.append(-sum(sign * known[cell] for cell, sign in terms if cell not in index))
        matrix = csr_array((signs, (rows, columns)), shape=(len(sums), len(index)))
        return cls(index, matrix, np.array(sums))

    def extreme(self, cell: Cell, *, largest: bool, ceiling: np.ndarray) -> np.ndarray | None:
        """A possible table with the cell at its largest or smallest; None when it has no bound that way."""
        aim = np.zeros(len(self.index))
        aim[self.index[cell]] = -1.0 if largest else 1.0
        bounds = np.column_stack((np.zeros(len(ceiling)), ceiling))
        equations = {"A_eq": self.matrix, "b_eq": self.sums} if len(self.sums) else {}
        found = linprog(aim, bounds=bounds, method="highs", **equations)
        if found.status == 3:  # unbounded
            return None
        if not found.success:
            raise DisclosureError(f"area {cell.area}: the bounds of a withheld cell could not be computed")
        return np.asarray(np.round(found.x), dtype=float)
