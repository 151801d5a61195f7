"""How many people of each age there were in earlier years, resident and registered.

Children follow from the cohorts, as the school returns do, so that pupils and children of a year fit each other. Of the
grown-up there were as many at an age as there are today, but for the growth of their county and of old age.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from simulator.cohorts import BIRTH_YEARS, NET_MOVES, REGISTERED_RATIO, SEXES, Cells, Cohorts
from simulator.divisions import County
from simulator.timeline import PRESENT

CENSUS_YEAR: Final = 2020
YEARS: Final = range(PRESENT.year - 9, PRESENT.year)
"""The nine years before this one; the school years that the returns tell begin in them."""
BASES: Final = ("resident", "registered")

_GROWN_UP: Final = 18
_OLD: Final = 60
_AGEING: Final = 0.02
"""By how much fewer people of 60 and over there were a year earlier, beside their county's growth."""


@dataclass(frozen=True, slots=True)
class Count:
    """One cell of a count by single age."""

    day: date
    base: str
    county: County
    age: int
    sex: str
    people: int


def counted_on(year: int) -> date:
    """The day people are counted as of: the end of the year, in a census year the moment of the census."""
    return date(year, 11, 1) if year == CENSUS_YEAR else date(year, 12, 31)


def counts(county: County, cells: Cells, cohorts: Cohorts) -> Iterator[Count]:
    """Every age and sex of a county: residents of the years before this one, then who is registered, this year too.

    :param cells: the county's residents of today, sex → ages
    """
    for base in BASES:
        for year in YEARS if base == "resident" else (*YEARS, PRESENT.year):
            for age in range(len(cells[SEXES[0]])):
                for sex in SEXES:
                    residents = (
                        cells[sex][age] if year == PRESENT.year else _then(county, cells, cohorts, year, age, sex)
                    )
                    ratio = REGISTERED_RATIO[county.landscape] if base == "registered" else 1
                    yield Count(counted_on(year), base, county, age, sex, round(residents * ratio))


def _then(county: County, cells: Cells, cohorts: Cohorts, year: int, age: int, sex: str) -> float:
    if age < _GROWN_UP:
        return cohorts.living(county, year - age, year) * _share(county, cohorts, year - age, sex)
    ago = PRESENT.year - year
    fewer_old = (1 + _AGEING) ** ago if age >= _OLD else 1
    return cells[sex][age] / (1 + NET_MOVES[county.landscape]) ** ago / fewer_old


def _share(county: County, cohorts: Cohorts, born: int, sex: str) -> float:
    """The part of a cohort that is of a sex; of one born before births were returned, that of the first who were."""
    year = max(born, BIRTH_YEARS[0])
    births = {of: cohorts.births[county.code, year, of] for of in SEXES}
    return births[sex] / sum(births.values()) if sum(births.values()) else 0.5
