"""Forecasts as people look at them: the rows of one area, the backtests, and a small chart for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipeline.db import connect
from pipeline.settings import Settings

ROLE: Final = "engineer"
_LATEST: Final = "(select max(run_id) from forecast.run)"
_BAR: Final = 40


_BY_STAGE: Final = "array_position(array['kindergarten', 'primary', 'junior', 'senior', 'total'], member)"
_SERIES: Final = f"""
select realm, indicator_code, member, method, note from forecast.series
where run_id = {_LATEST} and area_code = %(area)s and (%(member)s::text is null or member = %(member)s)
order by realm, indicator_code, {_BY_STAGE}
"""  # noqa: S608 - made of constants
_POINTS: Final = f"""
select
    realm, indicator_code, member, points.method, points.method = series.method, year, value, value_low, value_high,
    is_tested
from forecast.point as points
inner join forecast.series as series using (run_id, realm, indicator_code, member, area_code)
where run_id = {_LATEST} and area_code = %(area)s and (%(member)s::text is null or member = %(member)s)
order by realm, indicator_code, {_BY_STAGE}, 5 desc, points.method, year
"""  # noqa: S608 - made of constants
_BACKTESTS: Final = f"""
select
    realm, indicator_code, member, area_level, method, is_chosen, cells, first_origin, last_origin,
    round(mase::numeric, 2)::float, round(naive_mase::numeric, 2)::float, round(mape_pct::numeric, 1)::float,
    round(coverage_pct)::integer
from forecast.backtest
where run_id = {_LATEST}
order by realm, indicator_code, {_BY_STAGE}, array_position(array['county', 'prefecture', 'province'], area_level),
    mase / nullif(naive_mase, 0), method
"""  # noqa: S608 - made of constants
_HISTORY: Final = """
select data_year, sum(value) from intermediate.int_forecast__history
where realm = %s and measure = %s and member = %s and starts_with(division_code, %s)
group by data_year order by data_year
"""


def series(settings: Settings, area: str, member: str | None) -> list[tuple[Any, ...]]:
    """What the latest run says of an area: realm, indicator, member, method, note."""
    with connect(settings, ROLE) as connection:
        return connection.execute(_SERIES, {"area": area, "member": member}).fetchall()


def points(settings: Settings, area: str, member: str | None) -> list[tuple[Any, ...]]:
    """Every year of every way: realm, indicator, member, method, published or not, year, value, low, high, tested."""
    with connect(settings, ROLE) as connection:
        return connection.execute(_POINTS, {"area": area, "member": member}).fetchall()


def backtests(settings: Settings) -> list[tuple[Any, ...]]:
    """How much each way erred: realm, indicator, member, level, way, published or not, and its errors."""
    with connect(settings, ROLE) as connection:
        return connection.execute(_BACKTESTS).fetchall()


def history(settings: Settings, realm: str, area: str, measure: str, member: str) -> dict[int, float]:
    """What was returned for an area in earlier years: of a prefecture or the province, the sum of its counties."""
    within = area[:2] if area.endswith("0000") else area[:4] if area.endswith("00") else area
    with connect(settings, ROLE) as connection:
        return dict(connection.execute(_HISTORY, (realm, measure, member, within)).fetchall())


def chart(past: Mapping[int, float], future: Sequence[tuple[int, float, float, float]]) -> list[str]:
    """One line a year: a bar for what was counted, a mark within its interval for what is expected."""
    most = max([*past.values(), *(high for *_, high in future)], default=0.0)
    if not most:
        return []
    scale = _BAR / most
    lines = [f"{year}  {'█' * round(value * scale):<{_BAR}}  {value:>10,.0f}" for year, value in past.items()]
    for year, value, low, high in future:
        first, mark, last = (round(number * scale) for number in (low, value, high))
        bar = "".join("◆" if at == mark else "─" if first <= at <= last else " " for at in range(_BAR + 1))
        lines.append(f"{year}  {bar:<{_BAR}} {value:>10,.0f}  {low:,.0f}–{high:,.0f}")
    return lines
