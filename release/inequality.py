"""Measures of how unequal things are, over groups, counties or classes. Pure numbers in, one number out.

None of them corrects for small samples; where there is nothing to divide by, the answer is None and not 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def parity(disadvantaged: float, other: float) -> float | None:
    """The likely disadvantaged group's value over the other's; 1 is parity (SDG 4.5.1, UIS)."""
    return disadvantaged / other if other else None


def adjusted_parity(disadvantaged: float, other: float) -> float | None:
    """Parity brought into 0 to 2, so that 2 says of one group what 0 says of the other (SDG 4.5.1, UIS)."""
    index = parity(disadvantaged, other)
    return index if index is None or index <= 1 else 2 - 1 / index


def lorenz(values: Sequence[float], weights: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Shares of people and of what they have, from nothing to all, the poorest first."""
    order = np.argsort(np.asarray(values, dtype=float), kind="stable")
    people = np.asarray(weights, dtype=float)[order]
    held = np.asarray(values, dtype=float)[order] * people
    return (
        np.concatenate(([0.0], np.cumsum(people) / people.sum())),
        np.concatenate(([0.0], np.cumsum(held) / held.sum())),
    )


def gini(values: Sequence[float], weights: Sequence[float]) -> float | None:
    """1 less the area under the Lorenz curve twice over: sum of p_k (L_k + L_k-1).

    Equals Thomas, Wang and Fan's index over classes of schooling (World Bank WPS 2525, 2001), without n/(n-1).
    """
    if not _mean(values, weights):
        return None
    people, held = lorenz(values, weights)
    return float(1 - np.sum(np.diff(people) * (held[1:] + held[:-1])))


def theil(values: Sequence[float], weights: Sequence[float]) -> float | None:
    """Theil's T: sum of p (y/m) ln(y/m); who has nothing adds nothing (Theil 1967)."""
    mean = _mean(values, weights)
    if not mean:
        return None
    shares = np.asarray(weights, dtype=float) / np.sum(weights)
    ratios = np.asarray(values, dtype=float) / mean
    some = ratios > 0
    return float(np.sum(shares[some] * ratios[some] * np.log(ratios[some])))


def theil_between(values: Sequence[float], weights: Sequence[float], groups: Sequence[str]) -> float | None:
    """Theil's T as it would be if everybody had the mean of their group; the rest of T lies within groups."""
    means, sizes = [], []
    for group in sorted(set(groups)):
        inside = [at for at, each in enumerate(groups) if each == group]
        size = sum(weights[at] for at in inside)
        if size:
            means.append(sum(values[at] * weights[at] for at in inside) / size)
            sizes.append(size)
    return theil(means, sizes)


def dissimilarity(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Share of one group who would have to move for both to be spread alike (Duncan and Duncan 1955)."""
    if not sum(one) or not sum(other):
        return None
    shares = np.asarray(one, dtype=float) / sum(one) - np.asarray(other, dtype=float) / sum(other)
    return float(np.abs(shares).sum() / 2)


def pearson(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Correlation of the values; None where one of them never varies."""
    from scipy import stats  # a second of import, for whoever correlates

    return float(stats.pearsonr(one, other).statistic) if _varies(one, other) else None


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Correlation of the ranks; None where one of them never varies."""
    from scipy import stats  # a second of import, for whoever correlates

    return float(stats.spearmanr(one, other).statistic) if _varies(one, other) else None


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    people = sum(weights)
    return sum(v * w for v, w in zip(values, weights, strict=True)) / people if people else 0.0


def _varies(*series: Sequence[float]) -> bool:
    return all(len(set(each)) > 1 for each in series)
