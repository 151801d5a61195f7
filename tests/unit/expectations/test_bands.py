"""The statistics of history against values worked out by hand or taken from a published table."""

import math
import random

import pytest

from expectations.judging import bands


def test_deviation_is_the_median_one_scaled_to_a_normal_distribution():
    assert bands.robust_deviation([1, 2, 3, 4, 5]) == pytest.approx(1.4826)  # |x - 3|: 2 1 0 1 2, median 1
    assert bands.robust_deviation([1, 2, 3, 4, 500]) == pytest.approx(1.4826)  # one wrong batch changes nothing
    assert bands.robust_deviation([7]) == 0


def test_band_is_the_widest_of_what_it_must_exceed():
    past = [98, 99, 100, 101, 102]
    assert bands.band(past, spread=6) == bands.Band(100 - 6 * 1.4826, 100 + 6 * 1.4826, 100)
    assert bands.band(past, spread=6, change=20) == bands.Band(80, 120, 100)
    assert bands.band(past, spread=6, change=20, times=2) == bands.Band(50, 200, 100)
    assert bands.band(past, spread=6, times=1.05) == bands.Band(100 - 6 * 1.4826, 100 + 6 * 1.4826, 100)
    assert bands.band(past, spread=0, noise=30).high == 130


def test_stability_index_of_two_codes_by_hand():
    """Half a row is added to each of the two codes: 50.5 and 50.5 of 101 against 80.5 and 20.5 of 101."""
    p, q = (50.5 / 101, 50.5 / 101), (80.5 / 101, 20.5 / 101)
    by_hand = sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))
    assert bands.stability_index({"a": 50, "b": 50}, {"a": 80, "b": 20}) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(0.297 * 0.466 + 0.297 * 0.901, abs=1e-3)


def test_stability_index_knows_codes_only_one_side_has():
    assert bands.stability_index({"a": 10}, {"a": 500}) == 0
    assert bands.stability_index({"b": 200}, {"a": 200}) > 5
    assert bands.stability_index({"a": 40, "b": 60}, {"b": 600, "a": 400}) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(("degrees", "table"), [(1, 10.828), (2, 13.816), (5, 20.515), (10, 29.588), (90, 137.208)])
def test_chi_square_agrees_with_the_printed_table(degrees, table):
    assert bands.chi_square(degrees, 0.001) == pytest.approx(table, rel=0.04)


def test_bounds_that_allow_for_the_sample_hold_what_chance_does():
    """Of five thousand samples of one population about five pass the bound that one in a thousand should."""
    chance = random.Random(7)
    passed, outside = 0, 0
    for _ in range(5000):
        rows = [chance.choices("abcd", (60, 25, 10, 5))[0] for _ in range(300)]
        counts = {code: rows.count(code) for code in "abcd"}
        index = bands.stability_index(counts, {"a": 6000, "b": 2500, "c": 1000, "d": 500})
        passed += index > bands.chance_index(4, 300, 10_000)
        outside += abs(counts["c"] / 300 - 0.1) > bands.share_noise(0.1, 300)
    assert passed <= 20
    assert outside <= 20


def test_share_of_nothing_still_strays_by_chance():
    assert 0.05 < bands.share_noise(0.0, 100) < 0.15
    assert bands.share_noise(0.0, 10_000) < 0.002


def test_mean_strays_less_the_more_rows_there_are():
    assert bands.mean_noise(10, 100) == pytest.approx(3.29, abs=0.01)
    assert bands.mean_noise(10, 10_000) == pytest.approx(0.329, abs=0.001)
