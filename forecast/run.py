"""Makes the forecasts: reads the yearly sums, tests and continues them, writes one run, builds the indicators on it."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from forecast import history
from forecast.report import Told, tell
from pipeline import locks
from pipeline.db import Connection, connect, patiently
from pipeline.settings import Settings
from release.build import build_warehouse

ROLE: Final = "flyover_forecast"
VERSION: Final = "1"
"""Raised when the same history would give other forecasts."""
_BELOW_THE_FORECASTS: Final = "source:forecast.run+"
_SERIES: Final = (
    "insert into forecast.series (run_id, realm, indicator_code, member, area_code, area_level, method, note, "
    "first_year, last_year, years) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_POINT: Final = (
    "insert into forecast.point (run_id, realm, indicator_code, member, area_code, method, year, value, value_low, "
    "value_high, is_tested) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_BACKTEST: Final = (
    "insert into forecast.backtest (run_id, realm, indicator_code, member, area_level, method, is_chosen, cells, "
    "first_origin, last_origin, mase, naive_mase, mape_pct, coverage_pct) "
    "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True)
class ForecastReport:
    """What a run did; ``is_new`` is false where the history is the one of a run that core holds."""

    run_id: int
    series: int
    published: int
    is_new: bool


def run(settings: Settings, *, again: bool = False) -> ForecastReport:
    """Forecast what core holds now, and build the indicators on it. Safe to repeat.

    An unchanged history gives no new run, unless ``again``. What is published of it is the next release's matter.
    """
    report = patiently(lambda: _run(settings, again))
    if report.is_new:
        build_warehouse(settings)  # after an upgrade: a part stands on what the rest of the project has built
        build_warehouse(settings, select=[_BELOW_THE_FORECASTS])
        with connect(settings, ROLE) as connection:
            connection.execute("update forecast.run set built_at = now() where run_id = %s", (report.run_id,))
    return report


def _run(settings: Settings, again: bool) -> ForecastReport:
    with connect(settings, ROLE) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (locks.FORECAST,))
        histories, rows = history.read(connection)
        inputs, methods = _checksum(rows), _methods()
        before = connection.execute(
            "select run_id, built_at is not null, inputs, methods from forecast.run order by run_id desc limit 1"
        ).fetchone()
        if before and before[2:] == (inputs, methods) and not again:
            return _report(connection, before[0], is_new=not before[1])
        found = connection.execute(
            "insert into forecast.run (inputs, methods) values (%s, %s) returning run_id", (inputs, methods)
        ).fetchone()
        run_id = int(found[0]) if found else 0
        for realm, of_realm in histories.items():
            for told in tell(of_realm):
                _write(connection, run_id, realm, told)
        return _report(connection, run_id, is_new=True)


def _checksum(rows: Sequence[Sequence[Any]]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _methods() -> str:
    return f"flyover {VERSION}, statsmodels {importlib.metadata.version('statsmodels')}"


def _report(connection: Connection[Any], run_id: int, *, is_new: bool) -> ForecastReport:
    counted = connection.execute(
        "select count(*), count(method) from forecast.series where run_id = %s", (run_id,)
    ).fetchone()
    series, published = counted or (0, 0)
    return ForecastReport(run_id, series, published, is_new)


def _write(connection: Connection[Any], run_id: int, realm: str, told: Told) -> None:
    key = (run_id, realm, told.subject.indicator_code, told.subject.member)
    with connection.cursor() as cursor:
        cursor.executemany(_SERIES, [(*key, *row) for row in _series(told)])
        cursor.executemany(_POINT, [(*key, *row) for row in _points(told)])
        cursor.executemany(_BACKTEST, [(*key, *row) for row in _backtests(told)])


def _series(told: Told) -> Iterator[tuple[Any, ...]]:
    for area in told.areas:
        years: Mapping[str, Any] = {"first": area.years[0], "last": area.years[-1]} if area.years else {}
        yield (
            area.area_code, area.area_level, area.chosen, area.note, years.get("first"), years.get("last"),
            len(area.years),
        )  # fmt: skip


def _points(told: Told) -> Iterator[tuple[Any, ...]]:
    for area in told.areas:
        for point in area.points:
            yield (
                area.area_code, point.method, point.year, round(point.value, 1), round(point.value_low, 1),
                round(point.value_high, 1), point.is_tested,
            )  # fmt: skip


def _backtests(told: Told) -> Iterator[tuple[Any, ...]]:
    for level, scores in told.scores.items():
        chosen = told.chosen[level]
        for score in scores:
            is_chosen = chosen is not None and score.method == chosen.method
            yield (
                level, score.method, is_chosen, score.cells, score.first_origin, score.last_origin, score.mase,
                score.naive_mase, score.mape_pct, score.coverage_pct,
            )  # fmt: skip
