"""The statistics of history: from an agency's earlier figures, the band in which the next one is expected.

Median and median absolute deviation instead of mean and standard deviation, so that one wrong batch in the past
neither widens the band nor moves it (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993; there a value more
than 3.5 robust deviations off is an outlier, here it takes more, for a batch is judged by several rules a day).
Docs: docs/reference/history-rules.md.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NORMAL = 1.4826
"""Median absolute deviation times this is the standard deviation of a normal distribution: 1 / Φ⁻¹(3/4)."""
SELDOM = 0.001
"""How seldom chance alone may pass a bound that allows for the size of the sample."""


@dataclass(frozen=True)
class Band:
    """Where a figure is expected."""

    low: float
    high: float
    baseline: float


def robust_deviation(values: Sequence[float]) -> float:
    """Standard deviation as the median absolute deviation estimates it; 0 for a single value."""
    middle = statistics.median(values)
    return NORMAL * statistics.median([abs(value - middle) for value in values])


def band(
    past: Sequence[float], *, spread: float, times: float | None = None, change: float = 0.0, noise: float = 0.0
) -> Band:
    """The band around the median that is left only by what is unusual in every respect asked for.

    ``spread`` robust deviations of the past; ``change`` the least difference that matters; ``times`` the least factor;
    ``noise`` what the size of the sample alone explains. The widest of them counts on each side.
    """
    middle = statistics.median(past)
    reach = max(spread * robust_deviation(past), change, noise)
    low, high = middle - reach, middle + reach
    if times is not None:
        small, large = sorted((middle / times, middle * times))
        low, high = min(low, small), max(high, large)
    return Band(low, high, middle)


def stability_index(now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """Population stability index of two counts by code: the sum over codes of (p - q) · ln(p / q).

    0 for equal shares; 0.1 is commonly called a slight and 0.25 a large shift (Siddiqi, Credit Risk Scorecards, 2006).
    Half a row is added to each code on both sides, so that a code that only one of them has stays finite.
    """
    codes = sorted(set(now) | set(before))
    if len(codes) < 2:
        return 0.0
    rows, past = sum(now.values()) + len(codes) / 2, sum(before.values()) + len(codes) / 2
    total = 0.0
    for code in codes:
        p, q = (now.get(code, 0) + 0.5) / rows, (before.get(code, 0) + 0.5) / past
        total += (p - q) * math.log(p / q)
    return total


def chance_index(codes: int, rows: float, before: float) -> float:
    """What the stability index of two samples of the same population exceeds by chance once in a thousand times.

    It is then distributed as (1/n + 1/m) · χ² with one degree of freedom less than there are codes (Yurdakul,
    Statistical Properties of Population Stability Index, 2018).
    """
    return (1 / rows + 1 / before) * chi_square(codes - 1) if codes > 1 else 0.0


def chi_square(degrees: int, seldom: float = SELDOM) -> float:
    """Upper quantile of χ², by the cube-root approximation of Wilson and Hilferty (1931); at most 4 % too wide."""
    ninth = 2 / (9 * degrees)
    return float(degrees * (1 - ninth + statistics.NormalDist().inv_cdf(1 - seldom) * math.sqrt(ninth)) ** 3)


def share_noise(share: float, rows: float) -> float:
    """By how much a share of so few rows strays by chance; as in Wilson's interval, a share of 0 strays, too."""
    z = statistics.NormalDist().inv_cdf(1 - SELDOM / 2)
    centre = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(centre + half - share, share - (centre - half))


def mean_noise(deviation: float, rows: float) -> float:
    """By how much the mean of so few rows strays by chance."""
    return statistics.NormalDist().inv_cdf(1 - SELDOM / 2) * deviation / math.sqrt(rows)
