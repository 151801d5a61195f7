"""Who studies at a senior university, what they take, and the defects planted on them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from simulator.churn import UNCHANGED, Fate
from simulator.defects import Planted
from simulator.divisions import HEADLINE, SENIOR_AGENCIES, County
from simulator.draws import pick
from simulator.identity import mistyped
from simulator.kinds import (
    ATTENDED_TOO_MUCH,
    CATEGORY_UNKNOWN,
    CONSENT_MISSING,
    ENROLLED_NO_DATE,
    ENROLMENT_TWICE,
    FEE_NEGATIVE,
    ID_LOST,
    REASON_WITHOUT_LEAVING,
    SENIOR_BORN_LONG_AGO,
    SENIOR_ID_INVALID,
    SENIOR_ID_MISSING,
    STATUS_UNKNOWN,
    Kind,
)
from simulator.people import IdState, Person, draw_person
from simulator.senior_offer import COURSES, CURRENT, EARLIER_TERMS, TERMS, Course, Term
from simulator.seniors import ENTITY, Enrolment, Register, SeniorFile
from simulator.students import spelled
from simulator.timeline import PRESENT, age_at, delivery_date

States = list[tuple[str, IdState]]
_AGES: Final = (
    ("50-54", 0.05), ("55-59", 0.12), ("60-64", 0.27), ("65-69", 0.25), ("70-74", 0.17), ("75-79", 0.09),
    ("80-91", 0.05),
)  # fmt: skip
_EDUCATION: Final = (
    "primary", "junior", "junior", "junior", "senior", "senior", "jcollege", "bachelor_plus", "unschooled",
)  # fmt: skip
_DELIVERIES: Final = ("classroom", "classroom", "classroom", "classroom", "online", "outreach", "study-tour")
_REASONS: Final = ("illness", "moved", "personal", "class-cancelled", "personal", "death")
_STATUS_OVER: Final = (("completed", 0.86), ("withdrawn", 0.12), ("suspended", 0.02))
_STATUS_NOW: Final = (("enrolled", 0.9), ("withdrawn", 0.05), ("suspended", 0.05))
_CLASSES: Final = 6
_AT_BOTH: Final = 0.02
_MOST_YEARS: Final = 14
_CAME: Final = 0.6
_YOUNGEST: Final = 50
_FIRST_BORN, _LAST_BORN = date(1938, 1, 1), date(1943, 12, 31)
"""Births of those planted without the family's consent: over 80 whenever they enrolled."""
_WRONG: Final[dict[Kind, dict[str, object]]] = {
    ENROLLED_NO_DATE: {"enrol_date": "2025-02-30"},
    STATUS_UNKNOWN: {"status": "旁听", "withdraw_reason": ""},
    CATEGORY_UNKNOWN: {"course_category": "垂钓"},
    FEE_NEGATIVE: {"fee_paid": -60},
    REASON_WITHOUT_LEAVING: {"status": "completed", "withdraw_reason": "personal"},
    SENIOR_BORN_LONG_AGO: {"birth_date": "1801-06-15", "consent_80plus": "true"},
}
"""What is wrong in a row that is kept out; the id that became a number differs from form to form."""


@dataclass(frozen=True, slots=True)
class SeniorSchools:
    """All registers, open for writing."""

    registers: Mapping[str, Register]

    def near(self, home: County) -> str:
        """The agency people of a county go to, "" where there is none."""
        near = (agency for agency, prefecture in SENIOR_AGENCIES.items() if prefecture == home.prefecture_code)
        return next(near, "")

    def enrol(
        self, agency: str, person: Person, rng: random.Random, *, home_code: str, planted: Planted | None = None,
        fate: Fate = UNCHANGED, newcomer: int = 0,
    ) -> States:  # fmt: skip
        """Enrol a person at an agency and a few at the others too; returns the state of the id at each.

        `home_code` is the county the register tells, "" for none. `newcomer`: the day of a later delivery on which the
        person enrolled.
        """
        others = [other for other in self.registers if other != agency]
        also = others if rng.random() < _AT_BOTH and not planted and not newcomer else []
        states: States = []
        shown = False
        for code in (agency, *also):
            register = self.registers[code]
            senior = _file_of(rng, register, person, planted, home_code)
            enrolments = _late(rng, newcomer) if newcomer else _draw_enrolments(rng)
            shown = shown or bool(planted and plant(register, senior, enrolments, planted))
            if fate.corrected:
                _correct(rng, register, senior, enrolments, fate)
            register.fate = Fate(fate.present, fate.change)
            earlier = _draw_earlier(senior) if enrolments and code == agency and not newcomer else []
            for enrolment in (*enrolments, *earlier):
                register.enrol(senior, enrolment)
            register.fate = UNCHANGED
            if fate.present:
                states.append((code, senior.id_state))
                shown = shown or bool(enrolments)
        if shown:
            self.registers[agency].truth.tally.learned_late(person, home_code, [state for _, state in states])
        return states


def draw_senior(rng: random.Random, no: int, home: County, planted: Planted | None) -> Person:
    """A student of a senior university: mostly over 60, some between 50 and 60."""
    if planted and planted.kind is CONSENT_MISSING:
        return draw_person(rng, no, _FIRST_BORN, _LAST_BORN, home)
    youngest, oldest = (int(age) for age in pick(rng, _AGES).split("-"))
    return draw_person(rng, no, date(PRESENT.year - oldest, 1, 1), date(PRESENT.year - youngest, 12, 31), home)


def _draw_enrolments(rng: random.Random) -> list[Enrolment]:
    """One to three terms, one or two courses in each, in the order of the terms."""
    terms = [term for term in TERMS if rng.random() < 0.55] or [CURRENT]
    drawn = []
    for term in terms:
        for course in rng.sample(COURSES, 2 if rng.random() < 0.3 else 1):
            enrolled = term.first - timedelta(days=5 + int(rng.random() * 55))
            drawn.append(_enrolment(rng, term, course, enrolled))
    return drawn


def _draw_earlier(senior: SeniorFile) -> list[Enrolment]:
    """Terms of earlier years: most have come for some years already, at most one course a term.

    Drawn from the number of the person alone, so that what is drawn after it stays as it is.
    """
    rng = random.Random(f"earlier terms/{senior.person.no}")
    since = PRESENT.year - int(rng.random() * _MOST_YEARS)
    return [
        _enrolment(rng, term, rng.choice(COURSES), term.first - timedelta(days=5 + int(rng.random() * 40)))
        for term in EARLIER_TERMS
        if since <= term.first.year and age_at(senior.person.born, term.first) >= _YOUNGEST and rng.random() < _CAME
    ]


def _late(rng: random.Random, day: int) -> list[Enrolment]:
    return [replace(_enrolment(rng, CURRENT, rng.choice(COURSES), delivery_date(day)), attended=0, status="enrolled",
                    reason="")]  # fmt: skip


def _enrolment(rng: random.Random, term: Term, course: Course, enrolled: date) -> Enrolment:
    status = pick(rng, _STATUS_NOW if term is CURRENT else _STATUS_OVER)
    stayed = 0.7 + rng.random() * 0.3 if status in ("completed", "enrolled") else rng.random() * 0.5
    attended = int(course.hours * stayed * (0.9 if term is CURRENT else 1))
    reason = rng.choice(_REASONS) if status == "withdrawn" else ""
    number = 1 + int(rng.random() * _CLASSES)
    return Enrolment(term, course, number, rng.choice(_DELIVERIES), enrolled, attended, status, reason)


def _correct(
    rng: random.Random, register: Register, senior: SeniorFile, enrolments: list[Enrolment], fate: Fate
) -> None:
    """From the day of the correction on: who is enrolled has left; for others the attendance was miscounted."""
    last = enrolments[-1]
    if last.status == "enrolled":
        enrolments[-1] = replace(last, status="withdrawn", reason=rng.choice(_REASONS))
    else:
        enrolments[-1] = replace(last, attended=last.attended + (1 if last.attended < last.course.hours else -1))
    if fate.correction_due:
        register.truth.change("corrected", register.agency, ENTITY, last.key(senior))


def plant(register: Register, senior: SeniorFile, enrolments: list[Enrolment], planted: Planted) -> bool:
    """Write the wrong row in the place of a right one; returns whether it will be released.

    Of those kept out every second is all the student ever did: who lets it through counts one student too many.
    """
    kind = planted.kind
    if kind in (SENIOR_ID_INVALID, SENIOR_ID_MISSING):
        return False
    wrong: dict[str, object] = {}
    chosen = enrolments[0]
    if kind is ATTENDED_TOO_MUCH:
        wrong = {"hours_attended": chosen.course.hours + 8}
    elif kind is CONSENT_MISSING:
        wrong = {"consent_80plus": ""}
    elif kind is ID_LOST:
        wrong = {"resident_id": register.as_number(senior.resident_id)}
    else:
        wrong = _WRONG.get(kind, {})
    if kind is ENROLMENT_TWICE:
        register.enrol(senior, chosen)
    if kind.expected == "quarantined" and planted.variant % 2:
        del enrolments[1:]
    enrolments.pop(0)
    record = register.enrol(senior, chosen, **wrong)
    register.truth.defect(kind, register.agency, record, register.table)
    return kind.expected != "quarantined"


def _file_of(
    rng: random.Random, register: Register, person: Person, planted: Planted | None, home_code: str
) -> SeniorFile:
    state: IdState = "valid"
    number = spelled(rng, person)
    if planted and planted.kind is SENIOR_ID_MISSING:
        state, number = "missing", ""
    elif planted and planted.kind is SENIOR_ID_INVALID:
        state, number = "invalid", mistyped(person.resident_id)
    elif planted:
        number = person.resident_id
    school = rng.choice(register.university.schools)
    hukou = rng.choice(HEADLINE).code if rng.random() < 0.1 else person.home.code
    retired = age_at(person.born, PRESENT) >= (60 if person.sex == "male" else 55)
    return SeniorFile(person, school, number, state, rng.choice(_EDUCATION), retired, hukou, home_code)
