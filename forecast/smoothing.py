"""The statistical baseline: Holt's exponential smoothing with a damped trend (statsmodels).

Series of returns have some ten points. The damping is therefore set, not fitted, and the first level and trend are
those of the series; level and trend smoothing are fitted. Chosen over AutoETS of statsforecast: its release holds
pandas below 3 and brings a distributed engine with it, for models that ten points cannot tell apart.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Final

LEAST_POINTS: Final = 4
_DAMPING: Final = 0.9


def smooth(values: Sequence[float], steps: int) -> list[float]:
    """The next values of an evenly spaced series; none below zero, and nothing of fewer than four points."""
    if len(values) < LEAST_POINTS or steps < 1:
        return []
    if len(set(values)) == 1:
        return [float(values[0])] * steps
    import numpy
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    model = ExponentialSmoothing(
        numpy.asarray(values, dtype=float),
        trend="add",
        damped_trend=True,
        initialization_method="known",
        initial_level=float(values[0]),
        initial_trend=(values[-1] - values[0]) / (len(values) - 1),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that stops at an edge still gives its best parameters
        fitted = model.fit(damping_trend=_DAMPING)
    return [max(0.0, float(value)) for value in fitted.forecast(steps)]
