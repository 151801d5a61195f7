"""What is forecast: pupils and teachers by stage, learners of senior universities, entrants to higher education.

From the history of one realm are made, for every subject and county, its values by year and the three ways to continue
them; a prefecture and the province are the sums of their counties, in each way.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from forecast import cohorts
from forecast.backtest import NAIVE, Method, Series, naive
from forecast.history import History
from forecast.smoothing import smooth

COHORT: Final = "cohort_survival"
SMOOTHING: Final = "exponential_smoothing"
METHODS: Final = (COHORT, SMOOTHING, NAIVE)
PROVINCE: Final = "330000"

PLACES: Final = "forecast_school_places"
TEACHERS: Final = "forecast_teachers"
SENIORS: Final = "forecast_senior_learners"
ENTRANTS: Final = "forecast_higher_education_entrants"
INDICATORS: Final = (PLACES, TEACHERS, SENIORS, ENTRANTS)
TOTAL: Final = "total"

HORIZON: Final = 2030
"""The last year that is forecast; of a school year, the year it begins in."""
FARTHEST: Final = 2035
"""Places are forecast beyond the horizon while every child is born already, but no farther than this."""
_SENIOR_AGE: Final = 60
_DEATHS_ABOVE: Final = 0.85
"""Part of a year's deaths that is taken to be of people of 60 and over."""

RETURNS: Final = {
    PLACES: "教育事业统计中的学校报表 school returns (source returns.schools)",
    TEACHERS: "教育事业统计中的学校报表 school returns (source returns.schools)",
    SENIORS: "老年大学报名记录 registers of senior universities (source senior.enrolments)",
    ENTRANTS: "高等教育统计报表 higher-education returns (sources returns.higher_education and returns.graduates)",
}


@dataclass(frozen=True)
class Subject:
    """One thing that is forecast, with the series of its counties, or of the province where it has no counties."""

    indicator_code: str
    member: str
    counties: Sequence[Series]
    last_year: int

    @property
    def by_county(self) -> bool:
        """Whether prefectures and the province are sums of counties."""
        return all(series.area_code != PROVINCE for series in self.counties)


def subjects(history: History) -> Iterator[Subject]:
    """Everything the realm's history has a value for."""
    counties = {code: _children(history, code) for code in history.divisions("births", "pupils", "teachers")}
    for stage in cohorts.STAGES:
        yield from _of(PLACES, stage, history.by_division("pupils", stage), _places(counties, stage))
        yield from _of(TEACHERS, stage, history.by_division("teachers", stage), _teachers(history, counties, stage))
    yield from _of(SENIORS, TOTAL, history.by_division("senior_learners", TOTAL), _seniors(history))
    entrants = _entrants(history)
    yield from _of(
        ENTRANTS, TOTAL, {PROVINCE: entrants} if entrants else {}, lambda _: _after_school(entrants, counties)
    )


def _of(
    indicator: str, member: str, values: Mapping[str, Mapping[int, float]], cohort: Callable[[str], Method]
) -> Iterator[Subject]:
    if not values:
        return
    last = max(max(of_area) for of_area in values.values())
    series = [_series(area, _gapless(of_area, last), cohort(area)) for area, of_area in sorted(values.items())]
    yield Subject(indicator, member, series, last)


def _gapless(values: Mapping[int, float], last: int) -> dict[int, float]:
    """The unbroken years up to the last one; none where the area did not report it."""
    year, unbroken = last, {}
    while year in values:
        unbroken[year] = values[year]
        year -= 1
    return dict(sorted(unbroken.items()))


def _series(area: str, values: Mapping[int, float], cohort: Method) -> Series:
    return Series(
        area,
        values,
        {
            COHORT: functools.cache(cohort),
            SMOOTHING: functools.cache(functools.partial(_smoothed, values)),
            NAIVE: naive(values),
        },
    )


def _smoothed(values: Mapping[int, float], origin: int, until: int) -> Mapping[int, float]:
    known = [value for year, value in values.items() if year <= origin]
    return dict(enumerate(smooth(known, until - origin), start=origin + 1))


def summed(area: str, parts: Sequence[Series]) -> Series:
    """An area as the sum of its parts, in values and in every method; only the years that all of them have."""
    years = functools.reduce(lambda a, b: a & b, (set(part.values) for part in parts))
    values = {year: sum(part.values[year] for part in parts) for year in sorted(years)}
    return Series(area, values, {method: functools.partial(_added, parts, method) for method in METHODS})


def _added(parts: Sequence[Series], method: str, origin: int, until: int) -> Mapping[int, float]:
    continued = [part.methods[method](origin, until) for part in parts]
    if not all(continued):
        return {}
    return {year: sum(of_part[year] for of_part in continued) for year in continued[0]}


def _children(history: History, division: str) -> cohorts.Children:
    return cohorts.Children(
        births=history.of("births", TOTAL, division),
        net_moves=history.of("net_moves", TOTAL, division),
        residents=history.latest("residents", division),
        pupils={stage: history.of("pupils", stage, division) for stage in cohorts.STAGES},
    )


def _places(counties: Mapping[str, cohorts.Children], stage: str) -> Callable[[str], Method]:
    return lambda county: lambda origin, until: cohorts.project(counties[county], stage, origin, until)


def _teachers(history: History, counties: Mapping[str, cohorts.Children], stage: str) -> Callable[[str], Method]:
    """Teachers follow the pupils that cohorts bring, at the pupils a teacher of the last three years."""

    def of_county(county: str) -> Method:
        pupils = history.of("pupils", stage, county)
        teachers = history.of("teachers", stage, county)

        def continued(origin: int, until: int) -> Mapping[int, float]:
            return cohorts.follow(teachers, pupils, cohorts.project(counties[county], stage, origin, until), origin)

        return continued

    return of_county


def _seniors(history: History) -> Callable[[str], Method]:
    """Learners follow the residents of 60 and over, who are counted again each year or are those who grow older."""

    def of_county(county: str) -> Method:
        learners = history.of("senior_learners", TOTAL, county)

        def elders(year: int, origin: int) -> float | None:
            counted = [known for known in history.counts_of_ages(county) if known <= min(year, origin)]
            if not counted:
                return None
            ages = history.ages(county, counted[-1])
            deaths = history.of("deaths", TOTAL, county).get(counted[-1], 0.0) * _DEATHS_ABOVE
            return cohorts.grown_older(ages, deaths, year - counted[-1], least_age=_SENIOR_AGE)

        def continued(origin: int, until: int) -> Mapping[int, float]:
            known = {year: elders(year, year) for year in learners}
            future = {year: living for year in range(origin + 1, until + 1) if (living := elders(year, origin))}
            return cohorts.follow(learners, known, future, origin)

        return continued

    return of_county


def _entrants(history: History) -> dict[int, float]:
    """Entrants of a school year: students now, less those of the year before, and the graduates in between."""
    students = history.of("students", TOTAL, PROVINCE)
    graduates = history.of("graduates", TOTAL, PROVINCE)
    return {
        year: max(0.0, heads - students[year - 1] + graduates[year - 1])
        for year, heads in students.items()
        if year - 1 in students and year - 1 in graduates
    }


def _after_school(entrants: Mapping[int, float], counties: Mapping[str, cohorts.Children]) -> Method:
    """Entrants follow the last class of senior schools: a third of their pupils in the year before."""

    def leaving(year: int, origin: int) -> float | None:
        pupils = [
            children.pupils["senior"].get(year - 1)
            if year - 1 <= origin
            else cohorts.project(children, "senior", origin, year - 1).get(year - 1)
            for children in counties.values()
            if children.pupils["senior"]
        ]
        return sum(part for part in pupils if part is not None) / 3 if pupils and None not in pupils else None

    def continued(origin: int, until: int) -> Mapping[int, float]:
        known = {year: leaving(year, year) for year in entrants}
        future = {year: pupils for year in range(origin + 1, until + 1) if (pupils := leaving(year, origin))}
        return cohorts.follow(entrants, known, future, origin)

    return continued


def until(subject: Subject, method: str, last_birth_year: int | None) -> int:
    """The last year to forecast: the horizon, or later for places whose children are all born."""
    if subject.indicator_code == SENIORS:
        return HORIZON
    if subject.indicator_code != PLACES or method != COHORT or last_birth_year is None:
        return HORIZON + 1
    return min(FARTHEST, max(HORIZON, cohorts.born_until(subject.member, last_birth_year) - 1)) + 1
