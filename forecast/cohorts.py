"""Cohort survival: children who are born come to school, stage after stage, at the rates of the last years.

Everything here is arithmetic on what was known when a forecast was made: a function that is given the origin looks at
no later value, so that a backtest tests what would really have been said.

A school year is named by the year it ends in; its children are those of the autumn before. Who turns three by the end
of August enters the first kindergarten year, so a class has a third of its children from the births of one calendar
year and two thirds from the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

Yearly = Mapping[int, float]

STAGES: Final = ("kindergarten", "primary", "junior", "senior")
_GRADES: Final = {"kindergarten": range(3), "primary": range(3, 9), "junior": range(9, 12), "senior": range(12, 15)}
"""Years since the first kindergarten year."""
_UPPER_PRIMARY: Final = range(6, 9)
_BELOW: Final = {"junior": "primary", "senior": "junior"}
_AGE_AT_ENTRY: Final = 3
_BORN_IN_AUTUMN: Final = 4 / 12
_STEP_YEARS: Final = 3
"""A junior or senior school holds, class for class, who sat one stage lower three years before."""
_RATE_YEARS: Final = 3
_LEAST_RATES: Final = 2
_MOVE_YEARS: Final = 5
_BIRTH_YEARS: Final = 3


@dataclass(frozen=True)
class Children:
    """What one county returned: births and net moves by calendar year, pupils by stage and school year.

    ``residents`` turns moves into a rate; without it, or without moves, nobody is taken to move.
    """

    births: Yearly = field(default_factory=dict)
    net_moves: Yearly = field(default_factory=dict)
    residents: float | None = None
    pupils: Mapping[str, Yearly] = field(default_factory=dict)

    def moving(self, origin: int) -> float:
        """Mean net moves a resident and year, of the five years before the origin's school year."""
        known = [self.net_moves[year] for year in range(origin - _MOVE_YEARS, origin) if year in self.net_moves]
        return sum(known) / len(known) / self.residents if known and self.residents else 0.0


def of_age(children: Children, grades: Iterable[int], school_year: int, origin: int) -> float | None:
    """Children of the grades' ages in the county in a school year, as far as could be known at the origin.

    Births after the origin's last calendar year are taken to be as many as in the three years before. None where a
    year of birth lies before the first return.
    """
    autumn, rate, total = school_year - 1, children.moving(origin), 0.0
    for grade in grades:
        youngest = autumn - _AGE_AT_ENTRY - grade
        for born, share in ((youngest - 1, _BORN_IN_AUTUMN), (youngest, 1 - _BORN_IN_AUTUMN)):
            births = _births(children, born, origin)
            if births is None:
                return None
            total += share * births * (1 + rate) ** (autumn - born)
    return total


def _births(children: Children, year: int, origin: int) -> float | None:
    if year < origin:
        return children.births.get(year)
    latest = [children.births.get(known) for known in range(origin - _BIRTH_YEARS, origin)]
    known_ones = [births for births in latest if births is not None]
    return sum(known_ones) / len(known_ones) if len(known_ones) == _BIRTH_YEARS else None


def born_until(stage: str, last_birth_year: int) -> int:
    """The last school year of a stage in which every child is already born."""
    return last_birth_year + 1 + _AGE_AT_ENTRY + _GRADES[stage][0]


def project(children: Children, stage: str, origin: int, until: int) -> dict[int, float]:
    """Pupils of a stage in the school years after the origin; empty where the returns do not reach back far enough."""
    rate = progression(children, stage, origin)
    if rate is None:
        return {}
    expected = {}
    for year in range(origin + 1, until + 1):
        candidates = _candidates(children, stage, year, origin)
        if candidates is None:
            return {}
        expected[year] = rate * candidates
    return expected


def progression(children: Children, stage: str, origin: int) -> float | None:
    """Pupils for a child who could have been one, over the last three school years: a sum over a sum."""
    pupils = children.pupils.get(stage, {})
    return last_rate(pupils, {year: _candidates(children, stage, year, year) for year in _last_years(origin)}, origin)


def last_rate(values: Yearly, drivers: Mapping[int, float | None], origin: int) -> float | None:
    """What there was for each unit of its driver over the last three years; two must be known."""
    pairs = [(values[year], driver) for year in _last_years(origin) if year in values and (driver := drivers.get(year))]
    if len(pairs) < _LEAST_RATES:
        return None
    return sum(value for value, _ in pairs) / sum(driver for _, driver in pairs)


def _last_years(origin: int) -> range:
    return range(origin - _RATE_YEARS + 1, origin + 1)


def _candidates(children: Children, stage: str, school_year: int, origin: int) -> float | None:
    """Who could be a pupil of the stage: children of its ages, or who sat one stage lower three years before."""
    if stage not in _BELOW:
        return of_age(children, _GRADES[stage], school_year, origin)
    below, before = _BELOW[stage], school_year - _STEP_YEARS
    pupils = children.pupils.get(below, {}).get(before) if before <= origin else None
    if pupils is None and before > origin:
        pupils = project(children, below, origin, before).get(before)
    if pupils is None:
        return None
    stayed = (1 + children.moving(origin)) ** _STEP_YEARS
    return pupils * stayed * (_upper_share(children, before, origin) if below == "primary" else 1)


def _upper_share(children: Children, school_year: int, origin: int) -> float:
    """The part of a primary school's pupils in its upper three grades; half, where births do not tell."""
    whole = of_age(children, _GRADES["primary"], school_year, origin)
    upper = of_age(children, _UPPER_PRIMARY, school_year, origin)
    return upper / whole if whole and upper is not None else 0.5


def follow(values: Yearly, known: Mapping[int, float | None], future: Yearly, origin: int) -> dict[int, float]:
    """Values that go with a driver at the rate of the last three years; empty where that rate is not known."""
    rate = last_rate(values, known, origin)
    return {} if rate is None else {year: rate * driver for year, driver in future.items()}


def grown_older(ages: Yearly, deaths: float, years: int, *, least_age: int) -> float:
    """People of at least this age some years later.

    Of all deaths of a year those below the age are few and are neglected; the rest fall evenly on everyone above it.
    Nobody is taken to move. ``ages`` holds people by single age.
    """
    above = sum(people for age, people in ages.items() if age >= least_age)
    dying = min(1.0, deaths / above) if above else 0.0
    living = above
    for year in range(1, years + 1):
        living = living * (1 - dying) + ages.get(least_age - year, 0.0)
    return living
