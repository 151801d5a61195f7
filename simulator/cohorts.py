"""Children by year of birth: how many were born where, how many live there later, how many sit in which school.

The returns of births and of schools are drawn from these cohorts, and the cohorts from the population by single age,
so that the three agree: who was born in a county is in its population today, but for those who moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.divisions import COUNTIES, County
from simulator.plan import GRADES
from simulator.timeline import PRESENT

Cells = Mapping[str, Sequence[int]]
"""Residents of a county: sex → by single age."""

SEXES: Final = ("male", "female")
BIRTH_YEARS: Final = range(PRESENT.year - 19, PRESENT.year + 1)
"""The twenty years whose births are returned."""

STAGES: Final = {"11": "kindergarten", "21": "primary", "31": "junior", "34": "senior"}
FIRST_GRADE: Final = {"11": 0, "21": 3, "31": 9, "34": 12}
"""Years since the first kindergarten year."""

_AGE_AT_ENTRY: Final = 3
_GROWN_UP: Final = 18
_MOVED_BY_THEN: Final = {"city": 0.25, "mountain": -0.18, "island": -0.15}
"""By what share a cohort has grown or shrunk through moves when it is grown up; it does so evenly over the years."""

NET_MOVES: Final = {"city": 0.009, "mountain": -0.007, "island": -0.006}
"""What a county's residents grow by in a year through moves."""

REGISTERED_RATIO: Final = {"city": 0.72, "mountain": 1.35, "island": 1.2}
"""Registered for one resident: cities have newcomers who are registered elsewhere."""

_TAKING_PART: Final = {
    "11": (0.9, 0.009), "21": (1.0, 0.0), "31": (0.99, 0.001), "34": (0.9, 0.008),
}  # fmt: skip
"""Share of a cohort at school ten years ago, and what it gained in each year since."""
_FIRST_SCHOOL_YEAR: Final = PRESENT.year - 8
SCHOOL_YEARS: Final = range(_FIRST_SCHOOL_YEAR, PRESENT.year + 2)
"""The ten school years that are returned, each by the year it ends in."""


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Births of every county by year and sex; those of earlier years only as a level that falls slowly."""

    births: Mapping[tuple[str, int, str], int]

    def born(self, county: County, year: int) -> float:
        """Children of both sexes born in a county in a year; before the returned years, an assumed level."""
        if year in BIRTH_YEARS:
            return sum(self.births[county.code, year, sex] for sex in SEXES)
        first = [self.born(county, known) for known in BIRTH_YEARS[:3]]
        return sum(first) / len(first) * (1 + 0.005 * (BIRTH_YEARS[0] - year))

    def living(self, county: County, born: int, year: int) -> float:
        """How many of a cohort live in its county in a later year."""
        return self.born(county, born) * _grown(county, year - born)

    def growth(self, county: County, kind: str, school_year: int) -> float:
        """Pupils of a kind of school, as a multiple of those of the last school year."""
        return self._pupils(county, kind, school_year) / self._pupils(county, kind, SCHOOL_YEARS[-1])

    def _pupils(self, county: County, kind: str, school_year: int) -> float:
        autumn = school_year - 1
        share, gain = _TAKING_PART[kind]
        of_age = 0.0
        for grade in range(FIRST_GRADE[kind], FIRST_GRADE[kind] + len(GRADES[kind])):
            youngest = autumn - _AGE_AT_ENTRY - grade
            # who turns three by the end of August begins: a third is born in the autumn of the year before
            of_age += self.living(county, youngest - 1, autumn) / 3 + self.living(county, youngest, autumn) * 2 / 3
        return of_age * (share + gain * (school_year - _FIRST_SCHOOL_YEAR))


def draw_cohorts(cells: Mapping[str, Cells]) -> Cohorts:
    """Births such that each cohort, with the moves of its county, is the population of its age today."""
    births = {
        (county.code, year, sex): round(
            cells[county.code][sex][PRESENT.year - year] / _grown(county, PRESENT.year - year)
        )
        for county in COUNTIES
        for year in BIRTH_YEARS
        for sex in SEXES
    }
    return Cohorts(births)


def _grown(county: County, age: int) -> float:
    return 1 + _MOVED_BY_THEN[county.landscape] * min(age, _GROWN_UP) / _GROWN_UP
