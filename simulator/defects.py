"""The planted defects: what kinds there are, how many, and who carries which.

At most one defect falls on a person, so no row is wrong in two ways and no innocent row is drawn in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from simulator.catalogue import UNIVERSITIES
from simulator.divisions import SCHOOL_AGENCIES
from simulator.plan import Plan

Stage = Literal["parse", "decode", "rule", "edge", "duplicate"]
Severity = Literal["critical", "warning", "info"]
Outcome = Literal["quarantined", "released", "duplicate"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of defect and what the pipeline has to make of it. `plain` says it in English."""

    number: int
    name: str
    source: str
    entity: str
    stage: Stage
    rule_id: str
    severity: Severity
    expected: Outcome
    plain: str


def _rule(number: int, table: str, rule: str, name: str, plain: str) -> Kind:
    source, entity = table.split("__")
    return Kind(number, name, source, entity, "rule", f"{table}.{rule}", "critical", "quarantined", plain)


RAGGED_ENROLMENT: Final = Kind(
    1, "enrollment_ragged_row", "oneroster", "enrollments", "parse", "reader.ragged_row", "critical", "quarantined",
    "a field too many or too few",
)  # fmt: skip
BEGIN_NO_DATE: Final = Kind(
    2, "enrollment_begin_not_a_date", "oneroster", "enrollments", "decode", "contract.type", "critical", "quarantined",
    "beginDate is 2025-13-45",
)  # fmt: skip
USER_UNKNOWN: Final = _rule(
    3, "oneroster__enrollments", "user_known", "enrollment_user_unknown", "the user is not in the bundle"
)
END_BEFORE_BEGIN: Final = _rule(
    4, "oneroster__enrollments", "begins_before_end", "enrollment_ends_before_it_begins", "endDate before beginDate"
)
SEX_CODE: Final = _rule(5, "oneroster__demographics", "sex_code", "demographics_sex_code", "sex is X")
BORN_LONG_AGO: Final = _rule(
    6, "oneroster__demographics", "birth_date_plausible", "demographics_birth_date", "born in 1801"
)
ID_INVALID: Final = Kind(
    7, "resident_id_invalid", "oneroster", "users", "edge", "oneroster__users.resident_id_valid", "warning", "released",
    "check character of the resident id is wrong",
)  # fmt: skip
ID_MISSING: Final = Kind(
    8, "resident_id_missing", "oneroster", "users", "edge", "oneroster__users.resident_id_present", "info", "released",
    "no resident id",
)  # fmt: skip
DIVISION_UNKNOWN: Final = _rule(
    9, "oneroster__orgs", "division_known", "org_division_unknown", "division code 339999; no classes, no people"
)
ENROLMENT_REPEATED: Final = Kind(
    10, "enrollment_repeated", "oneroster", "enrollments", "duplicate", "books.duplicate", "info", "duplicate",
    "the same row twice",
)  # fmt: skip
SCORE_RANGE: Final = _rule(
    11, "oulad__student_assessment", "score_in_range", "assessment_score_out_of_range", "score is 150"
)
SCORE_NO_NUMBER: Final = Kind(
    12, "assessment_score_not_a_number", "oulad", "student_assessment", "decode", "contract.type", "critical",
    "quarantined", "score is n/a",
)  # fmt: skip
STUDENT_UNKNOWN: Final = _rule(
    13, "oulad__student_assessment", "student_known", "assessment_student_unknown", "the student is not in studentInfo"
)
GENDER_CODE: Final = _rule(14, "oulad__student_info", "gender_code", "student_gender_code", "gender is Z")
STUDENT_TWICE: Final = _rule(
    15, "oulad__student_info", "unique_key", "student_twice", "one key, two rows of different content; both are listed"
)
CLICKS_NEGATIVE: Final = _rule(16, "oulad__student_vle", "clicks_positive", "vle_clicks_negative", "clicks below zero")
RAGGED_ASSESSMENT: Final = Kind(
    17, "assessment_ragged_row", "oulad", "student_assessment", "parse", "reader.ragged_row", "critical",
    "quarantined", "a field too many or too few",
)  # fmt: skip
UNREGISTERED_EARLY: Final = _rule(
    18, "oulad__student_registration", "unregistered_after_registered", "registration_ends_before_it_begins",
    "unregistered before registered",
)  # fmt: skip
POPULATION_NEGATIVE: Final = _rule(
    19, "census__population_by_age", "population_not_negative", "population_negative", "a negative count"
)
SEXES_DO_NOT_ADD: Final = _rule(
    20, "census__county_yearbook", "sexes_add_up", "yearbook_sexes_do_not_add_up", "pop is not pop_m + pop_f"
)
STUDENT_ID_INVALID: Final = Kind(
    21, "student_resident_id_invalid", "oulad", "student_info", "edge", "oulad__student_info.resident_id_valid",
    "warning", "released", "check character of the resident id is wrong",
)  # fmt: skip
STUDENT_ID_MISSING: Final = Kind(
    22, "student_resident_id_missing", "oulad", "student_info", "edge", "oulad__student_info.resident_id_present",
    "info", "released", "no resident id",
)  # fmt: skip

_ON_PUPILS: Final = (
    RAGGED_ENROLMENT, BEGIN_NO_DATE, USER_UNKNOWN, END_BEFORE_BEGIN, SEX_CODE, BORN_LONG_AGO, ENROLMENT_REPEATED,
)  # fmt: skip
_ON_STUDENTS: Final = (
    SCORE_RANGE, SCORE_NO_NUMBER, STUDENT_UNKNOWN, GENDER_CODE, STUDENT_TWICE, CLICKS_NEGATIVE, RAGGED_ASSESSMENT,
    UNREGISTERED_EARLY,
)  # fmt: skip
KINDS: Final = (
    *_ON_PUPILS, ID_INVALID, ID_MISSING, DIVISION_UNKNOWN, *_ON_STUDENTS, POPULATION_NEGATIVE, SEXES_DO_NOT_ADD,
    STUDENT_ID_INVALID, STUDENT_ID_MISSING,
)  # fmt: skip

_INVALID_IDS_PER_THOUSAND: Final = 3
_MISSING_IDS_PER_THOUSAND: Final = 6
SCRIPTED_ADULTS: Final = 20
"""The first adults of the plan follow a script (see witnesses) and carry no random defect."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One defect on one adult: where, what, and which of its variants (0, 1, … in order of planting)."""

    agency: str
    kind: Kind
    variant: int


@dataclass(frozen=True, slots=True)
class DefectPlan:
    """Who carries a defect: pupils by (agency, number within it), adults by number; `each` is how many a kind."""

    each: int
    pupils: dict[str, dict[int, Planted]]
    adults: dict[int, Planted]


def defects_each(learners: int) -> int:
    """How many of each kind an agency gets: 3 for 5,000 learners, 13 for 100,000, 40 for a million."""
    return max(2, round(math.sqrt(learners) / 25))


def plan_defects(plan: Plan) -> DefectPlan:
    """Draw the carriers. Schools on the edge of a size band are spared, so that their size stays exact."""
    each = defects_each(plan.learners)
    pupils = {}
    for agency in SCHOOL_AGENCIES:
        wanted = _repeat(_ON_PUPILS, agency, each) + _ids(plan.pupils[agency], agency, ID_INVALID, ID_MISSING)
        open_places: list[range] = [
            range(school.first_pupil, school.first_pupil + school.size)
            for school in plan.schools_of(agency)
            if not school.exact
        ]
        pupils[agency] = _place(plan, f"pupil defects/{agency}", open_places, wanted)
    students: list[Planted] = []
    adults = sum(block.count for block in plan.adults)
    for university in UNIVERSITIES:
        students += _repeat(_ON_STUDENTS, university.agency, each)
        share = int(adults * university.share)
        students += _ids(share, university.agency, STUDENT_ID_INVALID, STUDENT_ID_MISSING)
    return DefectPlan(each, pupils, _place(plan, "adult defects", [range(SCRIPTED_ADULTS, adults)], students))


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
