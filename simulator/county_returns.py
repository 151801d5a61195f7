"""The returns about whole counties: births and moves, vacancies by occupation, community learning points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from simulator.bureaus import URBAN_RURAL
from simulator.cohorts import BIRTH_YEARS, NET_MOVES, REGISTERED_RATIO, SEXES, Cells, Cohorts
from simulator.divisions import COUNTIES, HEADLINE, County
from simulator.employers import occupations_of
from simulator.plan import Plan
from simulator.timeline import PRESENT

_DEATHS: Final = {"city": 0.0052, "mountain": 0.0088, "island": 0.0096}
_MOVED_OUT: Final = {"city": 0.026, "mountain": 0.03, "island": 0.028}
_REGISTERED_MOVES: Final = 0.3
"""Moves of the household register are few beside moves of residence."""

MONTHS: Final = tuple(
    f"{year}-{month:02d}" for year in range(PRESENT.year - 2, PRESENT.year + 1) for month in range(1, 13)
)
"""Thirty-six months up to the present."""
_OCCUPATIONS_A_COUNTY: Final = 6
_VACANT: Final = 0.002
_SPRING: Final = ("02", "03")
_ISCO_PREFECTURE: Final = "330900"
"""Its offices code occupations in ISCO-08, the others in the national dictionary."""

_POINTS_A_COUNTY: Final = 3
_ATTENDING: Final = 0.035
_HOLIDAYS: Final = {"02": 0.5, "07": 0.8, "08": 0.75}
_OLDER: Final = {"city": 0.5, "mountain": 0.66, "island": 0.7}
_COUNTS_LEARNERS: Final = (0, 1)
"""The last point of a county does not know how many people its attendances were."""


def birth_rows(plan: Plan, cells: Mapping[str, Cells], cohorts: Cohorts) -> Iterator[dict[str, object]]:
    """One row a year, base, county and sex; registered figures differ from resident ones, as they do in life."""
    for county in COUNTIES:
        for sex in SEXES:
            people = sum(cells[county.code][sex])
            rng = plan.rng(f"births {sex}", int(county.code))
            for year in BIRTH_YEARS:
                born = cohorts.births[county.code, year, sex]
                noise = 1 + rng.uniform(-0.06, 0.06)
                died = people * _DEATHS[county.landscape] * noise
                out = people * _MOVED_OUT[county.landscape] * noise
                into = out + people * NET_MOVES[county.landscape]
                key = {"year": year, "division_code": county.code, "sex": sex}
                yield {**key, "base": "resident", **_counts(born, died, into, out)}
                ratio = REGISTERED_RATIO[county.landscape]
                moves = ratio * _REGISTERED_MOVES
                yield {**key, "base": "registered", **_counts(born * ratio, died * ratio, into * moves, out * moves)}


def _counts(born: float, died: float, into: float, out: float) -> dict[str, object]:
    return {"births": round(born), "deaths": round(died), "moved_in": round(into), "moved_out": round(out)}


def vacancy_rows(plan: Plan, cells: Mapping[str, Cells]) -> Iterator[dict[str, object]]:
    """One row a month, county and occupation; most are looked for after the spring festival."""
    for county in HEADLINE:
        people = _people(cells, county)
        isco = county.prefecture_code == _ISCO_PREFECTURE
        for number, occupation in enumerate(occupations_of(county)[:_OCCUPATIONS_A_COUNTY]):
            code = occupation.isco08 if isco else occupation.gbt6565
            rng = plan.rng(f"vacancies {code}", int(county.code))
            usual = people * _VACANT * (1.6 - 0.2 * number)
            for place, month in enumerate(MONTHS):
                season = 1.5 if month[-2:] in _SPRING else 1.0
                vacant = round(usual * season * (1 + 0.004 * place) * rng.uniform(0.75, 1.25))
                yield {
                    "month": month,
                    "division_code": county.code,
                    "occupation_scheme": "ISCO08" if isco else "GBT6565",
                    "occupation_code": code,
                    "vacancies": vacant,
                    "applicants": round(vacant * rng.uniform(0.5, 1.6)),
                }


def community_rows(plan: Plan, cells: Mapping[str, Cells]) -> Iterator[dict[str, object]]:
    """One row a month and learning point; a point counts attendances, and not all of them count people."""
    for county in HEADLINE:
        people = _people(cells, county)
        places = URBAN_RURAL[county.landscape]
        for point in range(_POINTS_A_COUNTY):
            rng = plan.rng(f"learning point {point}", int(county.code))
            for place, month in enumerate(MONTHS):
                usual = people * _ATTENDING / (point + 1) * _HOLIDAYS.get(month[-2:], 1.0) * (1 + 0.01 * place)
                attended = max(1, round(usual * rng.uniform(0.85, 1.15)))
                sessions = max(1, round(attended / rng.uniform(12, 22)))
                older = round(attended * _OLDER[county.landscape] * rng.uniform(0.9, 1.1))
                knows = point in _COUNTS_LEARNERS
                yield {
                    "month": month,
                    "point_code": f"{county.code}-{point + 1:02d}",
                    "division_code": county.code,
                    "urban_rural": places[point % len(places)],
                    "sessions": sessions,
                    "attendances": attended,
                    "attendances_60plus": min(attended, older),
                    "learners": max(1, round(attended / rng.uniform(1.6, 2.6))) if knows else "",
                }


def _people(cells: Mapping[str, Cells], county: County) -> int:
    return sum(sum(ages) for ages in cells[county.code].values())
