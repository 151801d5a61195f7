"""The planted defects: how many there are of each kind, and who carries which.

At most one defect falls on a person, so no row is wrong in two ways and no innocent row is drawn in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from simulator.catalogue import UNIVERSITIES
from simulator.divisions import LABOUR_AGENCY, SCHOOL_AGENCIES, SENIOR_AGENCIES
from simulator.kinds import (
    ID_INVALID,
    ID_MISSING,
    ON_PUPILS,
    ON_SENIORS,
    ON_STUDENTS,
    ON_WORKERS,
    SENIOR_ID_INVALID,
    SENIOR_ID_MISSING,
    SPELL_ID_INVALID,
    SPELL_ID_MISSING,
    STUDENT_ID_INVALID,
    STUDENT_ID_MISSING,
    Kind,
)
from simulator.plan import Plan

_INVALID_IDS_PER_THOUSAND: Final = 3
_MISSING_IDS_PER_THOUSAND: Final = 6
SCRIPTED_ADULTS: Final = 20
"""The first adults of the plan follow a script (see witnesses) and carry no random defect."""
SCRIPTED_WORKERS: Final = 12
SCRIPTED_SENIORS: Final = 8
"""So do the first people of the labour office, and the first of each senior university."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One defect on one adult: where, what, and which of its variants (0, 1, … in order of planting)."""

    agency: str
    kind: Kind
    variant: int


@dataclass(frozen=True, slots=True)
class DefectPlan:
    """Who carries a defect, by number: pupils and seniors within their agency; `each` is how many a kind."""

    each: int
    pupils: dict[str, dict[int, Planted]]
    adults: dict[int, Planted]
    workers: dict[int, Planted]
    seniors: dict[str, dict[int, Planted]]


def defects_each(learners: int) -> int:
    """How many of each kind an agency gets: 3 for 5,000 learners, 13 for 100,000, 40 for a million."""
    return max(2, round(math.sqrt(learners) / 25))


def plan_defects(plan: Plan) -> DefectPlan:
    """Draw the carriers. Schools on the edge of a size band are spared, so that their size stays exact."""
    each = defects_each(plan.learners)
    pupils = {}
    for agency in SCHOOL_AGENCIES:
        wanted = _repeat(ON_PUPILS, agency, each) + _ids(plan.pupils[agency], agency, ID_INVALID, ID_MISSING)
        open_places: list[range] = [
            range(school.first_pupil, school.first_pupil + school.size)
            for school in plan.schools_of(agency)
            if not school.exact
        ]
        pupils[agency] = _place(plan, f"pupil defects/{agency}", open_places, wanted)
    students: list[Planted] = []
    adults = sum(block.count for block in plan.adults)
    for university in UNIVERSITIES:
        students += _repeat(ON_STUDENTS, university.agency, each)
        share = int(adults * university.share)
        students += _ids(share, university.agency, STUDENT_ID_INVALID, STUDENT_ID_MISSING)
    return DefectPlan(
        each,
        pupils,
        _place(plan, "adult defects", [range(SCRIPTED_ADULTS, adults)], students),
        _workers(plan, each),
        {agency: _seniors(plan, agency, each) for agency in SENIOR_AGENCIES},
    )


def _workers(plan: Plan, each: int) -> dict[int, Planted]:
    people = sum(block.count for block in plan.workers)
    wanted = _repeat(ON_WORKERS, LABOUR_AGENCY, each)
    wanted += _ids(people, LABOUR_AGENCY, SPELL_ID_INVALID, SPELL_ID_MISSING)
    return _place(plan, "worker defects", [range(SCRIPTED_WORKERS, people)], wanted)


def _seniors(plan: Plan, agency: str, each: int) -> dict[int, Planted]:
    people = sum(block.count for block in plan.seniors[agency])
    wanted = _repeat(ON_SENIORS, agency, each) + _ids(people, agency, SENIOR_ID_INVALID, SENIOR_ID_MISSING)
    return _place(plan, f"senior defects/{agency}", [range(SCRIPTED_SENIORS, people)], wanted)


def _repeat(kinds: tuple[Kind, ...], agency: str, each: int) -> list[Planted]:
    return [Planted(agency, kind, variant) for kind in kinds for variant in range(each)]


def _ids(people: int, agency: str, invalid: Kind, missing: Kind) -> list[Planted]:
    wrong = max(2, people * _INVALID_IDS_PER_THOUSAND // 1_000)
    absent = max(2, people * _MISSING_IDS_PER_THOUSAND // 1_000)
    return [
        *(Planted(agency, invalid, variant) for variant in range(wrong)),
        *(Planted(agency, missing, variant) for variant in range(absent)),
    ]


def _place(plan: Plan, part: str, places: list[range], wanted: list[Planted]) -> dict[int, Planted]:
    total = sum(len(place) for place in places)
    chosen = plan.rng(part).sample(range(total), len(wanted))
    return {_nth(places, number): planted for number, planted in zip(chosen, wanted, strict=True)}


def _nth(places: list[range], number: int) -> int:
    for place in places:
        if number < len(place):
            return place[number]
        number -= len(place)
    raise IndexError(number)
