"""What is said of every area: the forecasts of all methods, which of them is published, and with what error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forecast import subjects
from forecast.backtest import LEAST_YEARS, NAIVE, NOMINAL_PCT, Cell, Score, Series, cells_of, choose, half_widths, score
from forecast.history import History
from forecast.subjects import METHODS, PROVINCE, Subject

_ZH = {
    subjects.COHORT: "队列推算", subjects.SMOOTHING: "指数平滑", NAIVE: "沿用末年数",
}  # fmt: skip
_EN = {
    subjects.COHORT: "cohort survival", subjects.SMOOTHING: "exponential smoothing", NAIVE: "naive last value",
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One year of one method. ``is_tested``: whether errors so many years ahead are known, not extrapolated."""

    method: str
    year: int
    value: float
    value_low: float
    value_high: float
    is_tested: bool


@dataclass(frozen=True)
class Area:
    """What is said of one area: points of every method and the one to publish, or the return that is missing."""

    area_code: str
    area_level: str
    years: Sequence[int]
    chosen: str | None
    note: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Told:
    """One subject: its areas, and the scores of each level by method."""

    subject: Subject
    areas: Sequence[Area]
    scores: Mapping[str, Sequence[Score]]
    chosen: Mapping[str, Score | None]


def tell(history: History) -> Iterator[Told]:
    """Test and forecast everything a realm's history has a value for."""
    for subject in subjects.subjects(history):
        yield _told(subject, history.last_birth_year)


def _told(subject: Subject, last_birth_year: int | None) -> Told:
    areas: list[Area] = []
    scores: dict[str, Sequence[Score]] = {}
    chosen: dict[str, Score | None] = {}
    whole = [series for series in subject.counties if len(series.values) >= LEAST_YEARS]
    short = [series for series in subject.counties if len(series.values) < LEAST_YEARS]
    for level, group in _levels(subject, whole).items():
        cells = {method: [cell for series in group for cell in cells_of(series, method)] for method in METHODS}
        scores[level] = [found for method in METHODS if (found := score(method, cells[method]))]
        chosen[level] = choose(scores[level])
        tested = _Found(subject, level, cells, scores[level], chosen[level], last_birth_year)
        areas += [_area(tested, series, _left_out(level, series, short)) for series in group]
    areas += [_waiting(subject, series) for series in short]
    if not whole and subject.by_county:
        areas.append(_waiting(subject, Series(PROVINCE, short[0].values if len(short) == 1 else {}, {})))
    return Told(subject, areas, scores, chosen)


def _levels(subject: Subject, whole: Sequence[Series]) -> dict[str, list[Series]]:
    if not whole:
        return {}
    if not subject.by_county:
        return {"province": list(whole)}
    prefectures: dict[str, list[Series]] = {}
    for series in whole:
        prefectures.setdefault(f"{series.area_code[:4]}00", []).append(series)
    return {
        "county": list(whole),
        "prefecture": [subjects.summed(code, parts) for code, parts in prefectures.items()],
        "province": [subjects.summed(PROVINCE, whole)],
    }


@dataclass(frozen=True)
class _Found:
    """What the backtest of one level found, for every area of it."""

    subject: Subject
    level: str
    cells: Mapping[str, Sequence[Cell]]
    scores: Sequence[Score]
    chosen: Score | None
    last_birth_year: int | None


def _area(found: _Found, series: Series, left_out: int) -> Area:
    points: list[Point] = []
    for tested in found.scores:
        until = subjects.until(found.subject, tested.method, found.last_birth_year)
        points += _points(series, tested.method, found.cells[tested.method], until)
    chosen = found.chosen
    if chosen is None or not any(point.method == chosen.method for point in points):
        return _waiting(found.subject, series, found.level)
    note = _error_note(chosen, found.scores, left_out)
    return Area(series.area_code, found.level, sorted(series.values), chosen.method, note, points)


def _left_out(level: str, series: Series, short: Sequence[Series]) -> int:
    """How many counties of an area are not in its sum."""
    within = {"county": "", "prefecture": series.area_code[:4], "province": series.area_code[:2]}[level]
    return sum(part.area_code.startswith(within) for part in short) if within else 0


def _points(series: Series, method: str, cells: Sequence[Cell], until: int) -> list[Point]:
    origin = series.last_year
    widths = half_widths(cells, until - origin)
    tested = max(cell.horizon for cell in cells)
    return [
        Point(
            method, year, value, max(0.0, value * (1 - widths[year - origin])), value * (1 + widths[year - origin]),
            year - origin <= tested,
        )
        for year, value in series.methods[method](origin, until).items()
        if year - origin in widths
    ]  # fmt: skip


def _waiting(subject: Subject, series: Series, level: str = "") -> Area:
    level = level or ("province" if series.area_code == PROVINCE else "county")
    first, last = subject.last_year - LEAST_YEARS + 1, subject.last_year
    years = sorted(series.values)
    there = f"{years[0]}–{years[-1]}" if years else "无 none"
    missing = subjects.RETURNS[subject.indicator_code]
    note = f"{missing}：需{first}—{last}各年，现有 needs every year of {first} to {last}, has {there}"
    return Area(series.area_code, level, years, None, note, [])


def _error_note(chosen: Score, scores: Sequence[Score], left_out: int) -> str:
    heading = f"{_ZH[chosen.method]} {_EN[chosen.method]}"
    if chosen.method == NAIVE:
        others = [
            f"{_EN[score.method]} {score.mase:.2f} against {score.naive_mase:.2f}"
            for score in scores
            if score.method != NAIVE
        ]
        heading = f"{heading}（没有方法优于它 no method beat it: {'; '.join(others) or 'none could be tested'}）"
    mape = "–" if chosen.mape_pct is None else f"{chosen.mape_pct:.1f} %"
    without = f"; {left_out} 个县历史过短未计入 counties with too short a history left out" if left_out else ""
    return (
        f"{heading}; MASE {chosen.mase:.2f} (naive {chosen.naive_mase:.2f}), MAPE {mape}, {NOMINAL_PCT} % interval "
        f"held in {chosen.coverage_pct:.0f} % of {chosen.cells} backtested values, "
        f"origins {chosen.first_origin}-{chosen.last_origin}{without}"
    )
