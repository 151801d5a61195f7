"""Errors, intervals, coverage and the choice between methods, computed by hand."""

import pytest

from forecast.backtest import (
    LEAST_TRAINING,
    NAIVE,
    Cell,
    Score,
    Series,
    cells_of,
    choose,
    half_widths,
    naive,
    score,
)

RISING = {2017 + place: 100.0 + 10 * place for place in range(8)}


def _cell(error: float, *, origin: int = 2021, horizon: int = 1, scale: float = 1.0, naive_error: float = 10.0) -> Cell:
    return Cell("a", origin, horizon, 100.0 + error, 100.0, 100.0 + error - naive_error, scale)


def _score(method: str, mase: float, naive_mase: float = 1.0) -> Score:
    return Score(method, 20, 2021, 2025, mase, naive_mase, 5.0, 90.0)


def test_every_origin_with_enough_years_forecasts_all_that_follow() -> None:
    cells = cells_of(Series("a", RISING, {NAIVE: naive(RISING)}), NAIVE)
    assert [(cell.origin, cell.horizon) for cell in cells] == [
        (2021, 1), (2021, 2), (2021, 3), (2022, 1), (2022, 2), (2023, 1),
    ]  # fmt: skip
    assert min(cell.origin for cell in cells) == 2017 + LEAST_TRAINING - 1
    assert [cell.actual - cell.predicted for cell in cells] == [10, 20, 30, 10, 20, 10]
    assert {cell.scale for cell in cells} == {10.0}


def test_a_method_is_asked_only_from_the_origin_on() -> None:
    asked = []

    def method(origin: int, until: int) -> dict[int, float]:
        asked.append((origin, until))
        return {}

    assert cells_of(Series("a", RISING, {"m": method}), "m") == []
    assert asked == [(2021, 2024), (2022, 2024), (2023, 2024)]


def test_a_series_that_never_moved_has_no_scale() -> None:
    flat = dict.fromkeys(range(2017, 2025), 5.0)
    assert cells_of(Series("a", flat, {NAIVE: naive(flat)}), NAIVE) == []


def test_scaled_and_percentage_errors() -> None:
    found = score(NAIVE, cells_of(Series("a", RISING, {NAIVE: naive(RISING)}), NAIVE))
    assert found is not None
    assert found.mase == pytest.approx((1 + 2 + 3 + 1 + 2 + 1) / 6)
    assert found.naive_mase == found.mase
    assert not found.beats_naive
    assert found.mape_pct == pytest.approx(100 * (10 / 150 + 20 / 160 + 30 / 170 + 10 / 160 + 20 / 170 + 10 / 170) / 6)


def test_too_few_values_say_nothing() -> None:
    assert score("m", [_cell(1.0)] * 5) is None
    assert score("m", [_cell(1.0)] * 6) is not None


def test_an_interval_holds_nine_of_ten_errors_and_one_more() -> None:
    cells = [_cell(float(error)) for error in range(1, 20)]  # 19 errors of 1 to 19 per cent: the 18th smallest
    assert half_widths(cells, 1) == {1: pytest.approx(0.18)}
    assert half_widths(cells[:5], 1) == {1: pytest.approx(0.05)}, "of few errors the largest"


def test_intervals_never_narrow_and_grow_beyond_what_was_tested() -> None:
    cells = [_cell(8.0, horizon=1), _cell(6.0, horizon=2)]
    assert half_widths(cells, 4) == pytest.approx({1: 0.08, 2: 0.08, 3: 0.12, 4: 0.16})


def test_coverage_is_of_intervals_made_without_their_own_origin() -> None:
    calm = [_cell(1.0, origin=year) for year in range(2021, 2026)]
    wild = _cell(50.0, origin=2026)
    found = score("m", [*calm, wild])
    assert found is not None
    assert found.coverage_pct == pytest.approx(100 * 5 / 6), "with its own origin it would have been held"


def test_the_method_that_errs_least_beside_the_last_value_is_chosen() -> None:
    scores = [_score("a", 0.8), _score("b", 0.9, 1.5), _score(NAIVE, 1.0)]
    assert choose(scores) == scores[1]


def test_where_none_beats_the_last_value_it_is_the_one_published() -> None:
    scores = [_score("a", 1.2), _score("b", 0.97), _score(NAIVE, 1.0)]
    chosen = choose(scores)
    assert chosen is not None
    assert chosen.method == NAIVE, "three per cent less is chance"
    assert choose([_score("a", 1.2)]) is None
    assert choose([]) is None
