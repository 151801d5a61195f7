"""How much a method errs: every forecast it would have made in earlier years, held against what came.

From each origin with enough years before it a method forecasts up to the end of the history. The scale of an error is
the mean change from year to year before the origin, so a mean absolute scaled error (MASE) of 1 is as wrong as one such
change. Groups of areas are tested together: the errors of one county alone would be too few.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Method = Callable[[int, int], Mapping[int, float]]
"""From an origin to a last year: values of the years after the origin, or nothing."""

NAIVE: Final = "naive_last_value"
NOMINAL_PCT: Final = 90
LEAST_TRAINING: Final = 5
LEAST_YEARS: Final = LEAST_TRAINING + 2
LEAST_CELLS: Final = 6
LEAST_GAIN: Final = 0.05
"""By what part a method must err less than the last value repeated; less than that is chance among so few years."""


@dataclass(frozen=True)
class Series:
    """One area's gapless history by year, and the methods that can continue it."""

    area_code: str
    values: Mapping[int, float]
    methods: Mapping[str, Method]

    @property
    def last_year(self) -> int:
        """The year forecasts start from."""
        return max(self.values)


@dataclass(frozen=True)
class Cell:
    """One value that would have been forecast, beside what came and beside the last value known at its origin."""

    area_code: str
    origin: int
    horizon: int
    actual: float
    predicted: float
    naive: float
    scale: float

    @property
    def relative_error(self) -> float:
        """Distance from the forecast as a part of the forecast: what intervals are made of."""
        return abs(self.actual - self.predicted) / max(self.predicted, 1.0)


@dataclass(frozen=True)
class Score:
    """What a method's cells say of it. ``coverage_pct``: how often its interval, made without that origin, held."""

    method: str
    cells: int
    first_origin: int
    last_origin: int
    mase: float
    naive_mase: float
    mape_pct: float | None
    coverage_pct: float

    @property
    def beats_naive(self) -> bool:
        """Whether it erred noticeably less than repeating the last value, on the same years."""
        return self.mase <= self.naive_mase * (1 - LEAST_GAIN)


def naive(values: Mapping[int, float]) -> Method:
    """Repeats the value of the origin."""

    def continued(origin: int, until: int) -> Mapping[int, float]:
        return dict.fromkeys(range(origin + 1, until + 1), values[origin]) if origin in values else {}

    return continued


def cells_of(series: Series, method: str) -> list[Cell]:
    """What the method would have said from every origin that leaves it enough years before and one after."""
    years = sorted(series.values)
    cells = []
    for origin in years[LEAST_TRAINING - 1 : -1]:
        known = [series.values[year] for year in years if year <= origin]
        scale = sum(abs(b - a) for a, b in itertools.pairwise(known)) / (len(known) - 1)
        if not scale:
            continue
        predicted = series.methods[method](origin, years[-1])
        cells += [
            Cell(series.area_code, origin, year - origin, series.values[year], value, series.values[origin], scale)
            for year, value in predicted.items()
        ]
    return cells


def half_widths(cells: Iterable[Cell], until: int, nominal_pct: int = NOMINAL_PCT) -> dict[int, float]:
    """Half the width of an interval by horizon, as a part of the forecast; never narrower farther out.

    The smallest of n errors that at least ``nominal_pct`` of n + 1 stay within; of fewer than nine errors the largest.
    Beyond the farthest horizon that was tested the width grows in proportion.
    """
    by_horizon = defaultdict(list)
    for cell in cells:
        by_horizon[cell.horizon].append(cell.relative_error)
    widths: dict[int, float] = {}
    tested = width = 0.0
    for horizon in range(1, until + 1):
        if errors := sorted(by_horizon.get(horizon, ())):
            place = min(len(errors), math.ceil((len(errors) + 1) * nominal_pct / 100))
            tested, width = horizon, max(width, errors[place - 1])
            widths[horizon] = width
        elif tested:
            widths[horizon] = width * horizon / tested
    return widths


def score(method: str, cells: Sequence[Cell]) -> Score | None:
    """Errors and coverage of one method over a group of areas; None where there are too few values to say."""
    if len(cells) < LEAST_CELLS:
        return None
    origins = sorted({cell.origin for cell in cells})
    held = 0
    for origin in origins:
        widths = half_widths([cell for cell in cells if cell.origin != origin], max(cell.horizon for cell in cells))
        held += sum(cell.relative_error <= widths.get(cell.horizon, 0.0) for cell in cells if cell.origin == origin)
    percents = [abs(cell.actual - cell.predicted) / cell.actual for cell in cells if cell.actual]
    return Score(
        method,
        len(cells),
        origins[0],
        origins[-1],
        sum(abs(cell.actual - cell.predicted) / cell.scale for cell in cells) / len(cells),
        sum(abs(cell.actual - cell.naive) / cell.scale for cell in cells) / len(cells),
        100 * sum(percents) / len(percents) if percents else None,
        100 * held / len(cells),
    )


def choose(scores: Iterable[Score]) -> Score | None:
    """The method that erred least beside repeating the last value, or that one where none beat it."""
    by_method = {score.method: score for score in scores}
    better = [score for score in by_method.values() if score.method != NAIVE and score.beats_naive]
    if better:
        return min(better, key=lambda score: (score.mase / score.naive_mase, score.method))
    return by_method.get(NAIVE)
