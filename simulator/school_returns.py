"""The return of kindergartens and schools: ten school years of places, fees, children and teachers.

In the last school year a school has the pupils whom its bureau's bundle shows on the reference date; in earlier years
as many more or fewer as the cohorts of its county were larger or smaller. Some private kindergartens are in the return
alone: they send no bundle.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulator import bureaus
from simulator.cohorts import SCHOOL_YEARS, Cohorts
from simulator.divisions import HEADLINE, County
from simulator.plan import Plan, School

_FIRST_KINDERGARTEN: Final = 700_000  # serials beyond those of schools and employers
_OWN_SHARE: Final = 0.05
_FEWEST_CHILDREN: Final = 4
_NOISE: Final = 0.015
_ROOM: Final = (0.95, 1.25)
_MOST_CROWDED: Final = 1.6
_PLACES_OF_NEW: Final = 60
_FEWER_A_TEACHER: Final = 0.012
"""Pupils for a teacher fell by this share a year."""
_FEES_ROSE: Final = 0.03
_FEES: Final = {
    ("11", "public"): (420, 640), ("11", "private_inclusive"): (800, 1_250), ("11", "private"): (1_900, 3_600),
    ("21", "private"): (1_500, 2_800), ("31", "private"): (1_700, 3_000), ("34", "private"): (1_900, 3_200),
    ("34", "public"): (150, 200),
}  # fmt: skip
_GROUPED: Final = {"city": 0.8, "mountain": 0.4, "island": 0.3}
_VILLAGE: Final = ("210", "220")
_TOWN_OR_VILLAGE: Final = ("121", "122", *_VILLAGE)


@dataclass(frozen=True, slots=True)
class Reported:
    """One school as the return has it in the last school year."""

    code: str
    county: County
    kind: str
    ownership: str
    urban_rural: str
    headcount: int
    teachers: int
    is_new: bool = False


def reported_schools(plan: Plan, headcounts: Mapping[str, int]) -> list[Reported]:
    """Every school of the bureaus with the pupils counted there, then the kindergartens that send no bundle."""
    reported = [_of_bureau(school, headcounts[school.code]) for school in plan.schools]
    children = {county.code: 0 for county in HEADLINE}
    for school in reported:
        children[school.county.code] += school.headcount if school.kind == "11" else 0
    serial = _FIRST_KINDERGARTEN
    for county in HEADLINE:
        owners = ("private", "private_inclusive") if county.landscape == "city" else ("private_inclusive",)
        for ownership in owners:
            serial += 1
            places = bureaus.URBAN_RURAL[county.landscape]
            size = max(_FEWEST_CHILDREN, round(children[county.code] * _OWN_SHARE))
            code, where = f"1133{serial}", places[serial % len(places)]
            reported.append(Reported(code, county, "11", ownership, where, size, max(2, math.ceil(size / 12))))
    return reported


def _of_bureau(school: School, headcount: int) -> Reported:
    ownership = bureaus.ownership(school)
    if ownership == "private" and school.kind == "11" and school.county.landscape != "city":
        ownership = "private_inclusive"
    return Reported(
        school.code, school.county, school.kind, ownership, bureaus.urban_rural(school), headcount, school.teachers,
        is_new=not school.size,
    )  # fmt: skip


def school_rows(plan: Plan, schools: Sequence[Reported], cohorts: Cohorts) -> Iterator[dict[str, object]]:
    """One row a school and school year, the last year as it is reported now; a new school has that year alone."""
    cities = {
        kind: [school for school in schools if school.kind == kind and school.county.landscape == "city"]
        for kind in {school.kind for school in schools}
    }
    for number, school in enumerate(schools):
        years = SCHOOL_YEARS[-1:] if school.is_new else SCHOOL_YEARS
        rng = plan.rng("school return", int(school.code))
        heads = {year: _headcount(school, cohorts, year, 1 + rng.uniform(-_NOISE, _NOISE)) for year in years}
        room = max(school.headcount * rng.uniform(*_ROOM), max(heads.values()) / _MOST_CROWDED)
        places = _PLACES_OF_NEW if school.is_new else _tens(room)
        low, high = _FEES.get((school.kind, school.ownership), (0, 0))
        fee = rng.uniform(low, high)
        group = _group(school, number) if rng.random() < _GROUPED[school.county.landscape] else ""
        partner = _partner(school, cities[school.kind], number)
        for year in years:
            ago = SCHOOL_YEARS[-1] - year
            yield {
                "school_year": year,
                "school_code": school.code,
                "division_code": school.county.code,
                "school_kind": school.kind,
                "ownership": school.ownership,
                "urban_rural": school.urban_rural,
                "places": places,
                "headcount": heads[year],
                "full_time_teachers": _teachers(school, heads[year], ago),
                "fee_cny_month": _tens(fee / (1 + _FEES_ROSE) ** ago) if fee else 0,
                "education_group": group,
                "paired_school_code": partner,
            }


def _headcount(school: Reported, cohorts: Cohorts, year: int, noise: float) -> int:
    if year == SCHOOL_YEARS[-1]:
        return school.headcount
    return round(school.headcount * cohorts.growth(school.county, school.kind, year) * noise)


def _teachers(school: Reported, headcount: int, ago: int) -> int:
    if not ago or not school.headcount:
        return school.teachers
    per_teacher = school.headcount / school.teachers * (1 + _FEWER_A_TEACHER) ** ago
    return max(2, math.ceil(headcount / per_teacher))


def _group(school: Reported, number: int) -> str:
    """Education groups of a county: schools of compulsory education, some hundreds of metres or a valley apart."""
    return f"JT{school.county.code}-{number % 2 + 1}" if school.kind in ("21", "31") else ""


def _partner(school: Reported, cities: Sequence[Reported], number: int) -> str:
    """The city school of the same kind that a town or village school is paired with."""
    if school.urban_rural not in _TOWN_OR_VILLAGE or school.county.landscape == "city" or school.kind == "11":
        return ""
    return cities[number % len(cities)].code


def _tens(value: float) -> int:
    return math.ceil(value / 10) * 10
