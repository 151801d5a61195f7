"""The statistical baseline does what its name says."""

import itertools

import pytest

from forecast.smoothing import LEAST_POINTS, smooth


def test_a_straight_line_goes_on_and_flattens() -> None:
    values = [100.0, 110, 120, 130, 140, 150]
    ahead = smooth(values, 4)
    steps = [b - a for a, b in itertools.pairwise([150.0, *ahead])]
    assert all(0 < later < earlier <= 10 for earlier, later in itertools.pairwise(steps))


def test_a_level_stays() -> None:
    assert smooth([7.0] * 6, 3) == [7.0, 7.0, 7.0]
    assert smooth([100.0, 101, 99, 100, 101, 99, 100], 1)[0] == pytest.approx(100, abs=2)


def test_nothing_falls_below_nought() -> None:
    assert min(smooth([50.0, 40, 30, 20, 10, 1], 6)) >= 0


def test_too_few_points_say_nothing() -> None:
    assert smooth([1.0] * (LEAST_POINTS - 1), 2) == []
    assert smooth([1.0, 2, 3, 4], 0) == []
