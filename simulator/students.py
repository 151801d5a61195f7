"""Who studies at which open university, under which id, and the defects planted on them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from simulator.catalogue import OFFER, UNIVERSITIES, stranger_number
from simulator.churn import UNCHANGED, Fate
from simulator.defects import Planted
from simulator.identity import mistyped
from simulator.kinds import (
    CLICKS_NEGATIVE,
    GENDER_CODE,
    RAGGED_ASSESSMENT,
    SCORE_NO_NUMBER,
    SCORE_RANGE,
    STUDENT_ID_INVALID,
    STUDENT_ID_MISSING,
    STUDENT_TWICE,
    STUDENT_UNKNOWN,
    UNREGISTERED_EARLY,
    Kind,
)
from simulator.people import IdState, Person
from simulator.plan import Plan
from simulator.studies import Profile, Study, draw_profile, draw_studies
from simulator.truth import Activity
from simulator.universities import OpenUniversity, StudentFile

_EDUCATION: Final = (
    "A Level or Equivalent", "A Level or Equivalent", "Lower Than A Level", "HE Qualification", "No Formal quals",
    "Post Graduate Qualification",
)  # fmt: skip
_AT_BOTH: Final = 0.05
_HOME_UNKNOWN: Final = 0.01
_EXTRA_ROWS: Final = frozenset((SCORE_RANGE, SCORE_NO_NUMBER, STUDENT_UNKNOWN, RAGGED_ASSESSMENT))
_ALONE: Final = frozenset((SCORE_RANGE, CLICKS_NEGATIVE))
_UNUSUAL_DAY: Final = -15  # nobody clicks so early, so the row's natural key is its own


@dataclass(frozen=True, slots=True)
class Campus:
    """Both universities, open for writing, and the plan they follow."""

    plan: Plan
    universities: Mapping[str, OpenUniversity]

    def enrol(
        self, person: Person, rng: random.Random, *, newcomer: bool = False, planted: Planted | None = None,
        home_known: bool = False, fate: Fate = UNCHANGED,
        at: str = "",
    ) -> Enrolled:  # fmt: skip
        """Enrol a person at one university or at both, or drop them from both where that is their fate.

        `home_known`: another agency also tells where they live. `at`: the university it has to be.
        """
        chosen = _choose(rng, planted.agency if planted else at)
        tells_home = home_known or planted is not None or len(chosen) > 1 or rng.random() >= _HOME_UNKNOWN
        education = rng.choice(_EDUCATION)
        disability = rng.random() < 0.07
        states: list[tuple[str, IdState]] = []
        seen = []
        for agency in chosen:
            university = self.universities[agency]
            here = planted if planted is not None and planted.agency == agency else None
            state, number = _id_at(rng, person, here)
            student = StudentFile(
                person, university.number_of(person), number, state, education, disability, tells_home
            )
            university.fate = fate
            seen.append(self._study(rng, university, student, newcomer=newcomer, planted=here))
            university.fate = UNCHANGED
            states.append((agency, state))
        return Enrolled(states, seen, person.home.code if tells_home else "")

    def _study(
        self, rng: random.Random, university: OpenUniversity, student: StudentFile, *, newcomer: bool,
        planted: Planted | None,
    ) -> Activity:  # fmt: skip
        studies = draw_studies(
            rng, university.university, _profile(rng, planted), newcomer=newcomer, examined=planted is None
        )
        if planted and planted.kind is UNREGISTERED_EARLY:
            studies[0] = replace(studies[0], registered=-20, unregistered=-45, result="Withdrawn")
        activity = university.enrol(student, studies)
        if planted:
            plant(self.plan, university, student, studies, planted)
        return activity


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Where a person is enrolled, what will be seen of them, and the county their files tell ("" for none)."""

    states: list[tuple[str, IdState]]
    seen: list[Activity]
    home_code: str


def plant(plan: Plan, university: OpenUniversity, student: StudentFile, studies: list[Study], planted: Planted) -> None:
    """Write the wrong row that belongs to a planted defect and note it. Wrong ids need none: they are in the files."""
    kind, truth, agency = planted.kind, university.truth, university.agency
    study = studies[0]
    if kind is UNREGISTERED_EARLY:
        record = _key(study, student.number)
        truth.defect(kind, agency, record, university.tables["studentRegistration"])
    elif kind in (GENDER_CODE, STUDENT_TWICE):
        _plant_info(university, student, studies, kind)
    elif kind is CLICKS_NEGATIVE:
        presentation = study.presentation
        head = (presentation.module, presentation.code, student.number, presentation.site_id(0), _UNUSUAL_DAY)
        table = university.write("studentVle", (*head, -4))
        truth.defect(kind, agency, "|".join(map(str, head)), table)
    elif kind in _EXTRA_ROWS:
        _plant_submission(plan, university, student, study, planted)


def _plant_info(university: OpenUniversity, student: StudentFile, studies: list[Study], kind: Kind) -> None:
    # A presentation of its own, without registration or activity: the student stays known by the clean rows.
    taken = {study.presentation.module for study in studies}
    free = next(offered for offered in OFFER[university.agency] if offered.module not in taken)
    extra = Study(free, registered=None)
    rows = (("Z", 0),) if kind is GENDER_CODE else ((None, 0), (None, 30))
    for gender, more in rows:
        record = university.write_info(student, extra, gender=gender, credits_more=more)
        university.truth.defect(kind, university.agency, record, university.tables["studentInfo"])


def _plant_submission(
    plan: Plan, university: OpenUniversity, student: StudentFile, study: Study, planted: Planted
) -> None:
    kind, presentation = planted.kind, study.presentation
    done = {work.assessment for work in study.submissions}
    work = next(number for number in (3, 2, 1, 0, 4) if number not in done)
    number = stranger_number(plan, planted.variant) if kind is STUDENT_UNKNOWN else student.number
    score = {SCORE_RANGE: "150", SCORE_NO_NUMBER: "n/a"}.get(kind, "71")
    row = [presentation.assessment_id(work), number, presentation.last_day - 5, 0, score]
    if kind is RAGGED_ASSESSMENT:
        row = row[:-1] if planted.variant % 2 else [*row, ""]
    table = university.write("studentAssessment", row)
    university.truth.defect(kind, university.agency, f"{row[0]}|{row[1]}", table)


def _key(study: Study, number: int) -> str:
    return f"{study.presentation.module}|{study.presentation.code}|{number}"


def _choose(rng: random.Random, fixed: str) -> list[str]:
    drawn = UNIVERSITIES[0 if rng.random() < UNIVERSITIES[0].share else 1].agency
    first = fixed or drawn
    others = [university.agency for university in UNIVERSITIES if university.agency != first]
    return [first, *others] if rng.random() < _AT_BOTH else [first]


def _profile(rng: random.Random, planted: Planted | None) -> Profile:
    if planted is None:
        return draw_profile(rng)
    # Every second wrong score and click is all the student ever did: who lets it through counts one too many.
    alone = planted.kind in _ALONE and planted.variant % 2 == 1
    return "registered" if alone or planted.kind is UNREGISTERED_EARLY else "steady"


def _id_at(rng: random.Random, person: Person, planted: Planted | None) -> tuple[IdState, str | None]:
    if planted and planted.kind is STUDENT_ID_MISSING:
        return "missing", None
    if planted and planted.kind is STUDENT_ID_INVALID:
        return "invalid", mistyped(person.resident_id)
    return "valid", spelled(rng, person)


def spelled(rng: random.Random, person: Person) -> str:
    """A valid id as clerks type it: now and then a small x, wide digits, a blank, or the old fifteen digits."""
    number = person.resident_id
    habit = rng.random()
    if number.endswith("X") and habit < 0.3:
        return number.lower()
    if habit < 0.003:
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    if habit < 0.006:
        return "".join(chr(ord(char) + 0xFEE0) for char in number)
    if habit < 0.012 and person.born < date(1985, 1, 1):
        return number[:6] + number[8:17]
    return number
