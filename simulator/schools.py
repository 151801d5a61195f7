"""The people of a school: pupils, last summer's leavers and teachers, with their rows in the bureau's bundle."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from simulator import bureaus
from simulator.bureaus import Bureau
from simulator.churn import UNCHANGED, Churn, Newcomer
from simulator.crossings import Crossings
from simulator.defects import DefectPlan, Planted
from simulator.divisions import County, counties_of
from simulator.identity import mistyped
from simulator.kinds import (
    BEGIN_NO_DATE,
    BORN_LONG_AGO,
    END_BEFORE_BEGIN,
    ENROLMENT_REPEATED,
    ID_INVALID,
    ID_MISSING,
    RAGGED_ENROLMENT,
    SEX_CODE,
    USER_UNKNOWN,
)
from simulator.people import IdState, Person, draw_person
from simulator.plan import GRADES, Plan, School
from simulator.students import Campus
from simulator.timeline import LAST_TERM_BEGIN, LAST_TERM_END, SCHOOL_REFERENCE, TERM_BEGIN, TERM_END, delivery_date

_LEAVERS_WHO_STUDY: Final = 0.5
_LIVES_ELSEWHERE: Final = 0.03
_JOINED_LATE: Final = date(2025, 10, 8)
_MOVED: Final = date(2025, 11, 10)
_EXPECTED: Final = date(2025, 8, 20)
_FIRST_TEACHER_BORN, _LAST_TEACHER_BORN = date(1964, 1, 1), date(2001, 12, 31)
_MOST_CLASSES_TAUGHT: Final = 3
_ON_PAPER: Final = 101  # size of the school of which two are missing on the reference day
_ROOM_FOR_NEWCOMERS: Final = 6  # a pupil, so a class, in every grade


@dataclass(slots=True)
class SchoolWriter:
    """Writes schools into one bureau's bundle, and those of their people who also study into the universities'."""

    plan: Plan
    defects: DefectPlan
    churn: Churn
    bureau: Bureau
    campus: Campus
    crossings: Crossings

    def write(self, school: School, next_school: School | None) -> None:
        """Write a school with everyone in it; `next_school` takes the pupils who move in November."""
        self.bureau.write_school(school)
        place = counted = 0
        for grade, (code, pupils) in enumerate(
            zip(GRADES[school.kind], bureaus.grade_sizes(school), strict=True), start=_first_grade(school)
        ):
            for number in range(pupils):
                self.bureau.fate = self.churn.pupil(school.agency, school.first_pupil + place)
                counted += self._pupil(school, next_school, place, grade, code, number)
                place += 1
        self.bureau.fate = UNCHANGED
        for leaver in range(school.leavers):
            self._leaver(school, leaver)
        for teacher in range(school.teachers):
            self._teacher(school, teacher)
        self.bureau.truth.tally.school(school.county.code, school.code, counted)

    def _pupil(
        self, school: School, next_school: School | None, place: int, grade: int, code: str, number: int
    ) -> bool:
        """Write a pupil; returns whether released rows show them at this school on the reference day."""
        no = school.first_person + place
        rng = self.plan.rng("pupil", no)
        home = self._home(rng, school)
        person = draw_person(rng, no, date(2021 - grade, 9, 1), date(2022 - grade, 8, 31), home)
        self.bureau.truth.tally.lives(person)
        planted = self.defects.pupils[school.agency].get(school.first_pupil + place)
        user, state = self.user(school, person, "student", planted, grade_code=code)
        begin, end, moving = _stay(rng, school, next_school, place, ordinary=planted is None)
        classes = bureaus.class_count(bureaus.grade_sizes(school)[grade - _first_grade(school)])
        homeroom = bureaus.homeroom(school, code, number % classes)
        enrolment = [homeroom, school.code, user, "student", "", begin, end]
        counted = self._enrol_pupil(no, enrolment, planted)
        if bureaus.has_electives(school):
            elective = bureaus.elective(school, code, number * 7 % classes)
            self.bureau.add("enrollments", f"e{no:08d}-2", elective, *enrolment[1:])
            counted = True
        if moving and next_school:
            other = bureaus.homeroom(next_school, code, 0)
            self.bureau.add("enrollments", f"e{no:08d}-3", other, next_school.code, *enrolment[2:5], end, TERM_END)
            self.role(user, 2, "secondary", "student", next_school, _MOVED, None)
        if not self.bureau.fate.present:
            return False
        self.bureau.truth.tally.known_as([(school.agency, state)], learner=True)
        return counted and begin <= SCHOOL_REFERENCE < end

    def write_newcomer(self, newcomer: Newcomer, schools: Sequence[School]) -> None:
        """Write a pupil who joined after the first delivery; too late for any count of this year."""
        rng = self.plan.rng("new pupil", newcomer.no)
        school = rng.choice([school for school in schools if school.size >= _ROOM_FOR_NEWCOMERS])
        place = rng.randrange(len(GRADES[school.kind]))
        grade = _first_grade(school) + place
        person = draw_person(rng, newcomer.no, date(2021 - grade, 9, 1), date(2022 - grade, 8, 31), school.county)
        self.bureau.fate = newcomer.fate
        code = GRADES[school.kind][place]
        user, state = self.user(school, person, "student", None, grade_code=code)
        homeroom = bureaus.homeroom(school, code, 0)
        row = (homeroom, school.code, user, "student", "", delivery_date(newcomer.day), TERM_END)
        self.bureau.add("enrollments", f"e{person.no:08d}-1", *row)
        self.bureau.fate = UNCHANGED
        self.bureau.truth.tally.known_as([(school.agency, state)], learner=True)

    def _enrol_pupil(self, no: int, enrolment: list[object], planted: Planted | None) -> bool:
        """Write the homeroom enrolment, wrong where it is to be wrong; returns whether it will be released."""
        kind = planted.kind if planted else None
        row = list(enrolment)
        if kind is BEGIN_NO_DATE:
            row[5] = "2025-13-45"
        elif kind is END_BEFORE_BEGIN:
            row[6] = date(2025, 8, 1)
        elif kind is RAGGED_ENROLMENT and planted:
            row = row[:-1] if planted.variant % 2 else [*row, ""]
        record = f"e{no:08d}-1"
        table = self.bureau.add("enrollments", record, *row)
        if kind is ENROLMENT_REPEATED:
            table = self.bureau.add("enrollments", record, *row)
        if kind is USER_UNKNOWN:
            record = f"e{no:08d}-9"
            table = self.bureau.add("enrollments", record, *row[:2], f"gone{no:08d}", *row[3:])
        wrong = (BEGIN_NO_DATE, END_BEFORE_BEGIN, RAGGED_ENROLMENT)
        if kind and kind in (*wrong, ENROLMENT_REPEATED, USER_UNKNOWN):
            self.bureau.truth.defect(kind, self.bureau.agency, record, table)
        return kind not in wrong

    def _leaver(self, school: School, number: int) -> None:
        no = school.first_person + school.size + number
        rng = self.plan.rng("leaver", no)
        person = draw_person(rng, no, date(2006, 9, 1), date(2007, 8, 31), school.county)
        self.bureau.truth.tally.lives(person)
        user, _ = self.user(school, person, "student", None, grade_code="12", stay=(LAST_TERM_BEGIN, LAST_TERM_END))
        left = bureaus.leaver_class(school, bureaus.LAST_YEAR)
        leaving = (left, school.code, user, "student", "", LAST_TERM_BEGIN, LAST_TERM_END)
        self.bureau.add("enrollments", f"e{no:08d}-1", *leaving)
        if rng.random() < _LEAVERS_WHO_STUDY:
            enrolled = self.campus.enrol(person, rng, newcomer=True, home_known=True)
            self.bureau.truth.tally.studied(person, enrolled.home_code, enrolled.seen)
            self.bureau.truth.tally.known_as([(school.agency, "valid"), *enrolled.states], learner=True)
        else:
            elsewhere = self.crossings.leaver(person)
            self.bureau.truth.tally.known_as([(school.agency, "valid"), *elsewhere], learner=True)

    def _teacher(self, school: School, number: int) -> None:
        no = school.first_person + school.size + school.leavers + number
        rng = self.plan.rng("teacher", no)
        person = draw_person(rng, no, _FIRST_TEACHER_BORN, _LAST_TEACHER_BORN, school.county)
        self.bureau.truth.tally.lives(person)
        user, _ = self.user(school, person, "principal" if number == 0 else "teacher", None)
        if school.size:
            for taught, (class_id, first) in enumerate(_classes_taught(school, number), start=1):
                lead = "true" if first else "false"
                row = (class_id, school.code, user, "teacher", lead, TERM_BEGIN, TERM_END)
                self.bureau.add("enrollments", f"e{no:08d}-{taught}", *row)
        studies = self.plan.studies(school.first_teacher + number)
        states: list[tuple[str, IdState]] = [(school.agency, "valid")]
        if studies:
            enrolled = self.campus.enrol(person, rng, home_known=True)
            self.bureau.truth.tally.studied(person, enrolled.home_code, enrolled.seen)
            states += enrolled.states
        states += self.crossings.teacher(person)
        self.bureau.truth.tally.known_as(states, learner=studies)

    def user(
        self, school: School, person: Person, role: str, planted: Planted | None, *, grade_code: str = "",
        stay: tuple[date, date | None] = (TERM_BEGIN, None),
    ) -> tuple[str, IdState]:  # fmt: skip
        """Write users, roles and demographics of one person; returns the user's sourcedId and state of the id.

        `stay`: the days of the role; whoever has left has no account any more.
        """
        truth, kind = self.bureau.truth, planted.kind if planted else None
        user = f"u{person.no:08d}"
        pupil = role == "student"
        state: IdState = {ID_INVALID: "invalid", ID_MISSING: "missing"}.get(kind, "valid")  # type: ignore[arg-type, assignment]
        number = {"valid": person.resident_id, "invalid": mistyped(person.resident_id), "missing": ""}[state]
        account = (f"G{number}" if number else f"L{school.code}{person.no:08d}") if pupil else f"T{person.no:08d}"
        table = self.bureau.add_sparse(
            "users",
            user,
            {
                "enabledUser": "false" if stay[1] else "true",
                "username": user,
                "givenName": person.name.given,
                "familyName": person.name.family,
                "identifier": account,
                "email": "" if pupil else f"{user}@{school.agency}.example.invalid",
                "phone": "" if pupil else f"120{person.no:08d}",
                "grades": grade_code,
                "userMasterIdentifier": number,
                "primaryOrgSourcedId": school.code,
                "metadata.cn.residenceDivision": self._stated_home(person),
            },
        )
        if self.bureau.fate.present:
            truth.is_person(person.no, school.agency, "users", user, state)
        if self.bureau.fate.correction_due:
            self.bureau.note("corrected", "users", user)
        if kind in (ID_INVALID, ID_MISSING) and kind:
            truth.defect(kind, school.agency, user, table)
        self.role(user, 1, "primary", role, school, *stay)
        sex = "X" if kind is SEX_CODE else person.sex
        born = person.born.replace(year=1801, day=min(person.born.day, 28)) if kind is BORN_LONG_AGO else person.born
        table = self.bureau.add_sparse("demographics", user, {"birthDate": born.isoformat(), "sex": sex})
        if kind in (SEX_CODE, BORN_LONG_AGO) and kind:
            truth.defect(kind, school.agency, user, table)
        return user, state

    def role(self, user: str, number: int, kind: str, role: str, school: School, begin: date, end: date | None) -> None:
        """Write one role of a user, the number-th of theirs."""
        self.bureau.add("roles", f"r{user[1:]}-{number}", user, kind, role, begin, end or "", school.code, "")

    def _stated_home(self, person: Person) -> str:
        """The county the register tells: once corrected, the one after the true one in the bureau's list."""
        if not self.bureau.fate.corrected:
            return person.home.code
        counties = counties_of(self.bureau.agency)
        return counties[(counties.index(person.home) + 1) % len(counties)].code

    def _home(self, rng: random.Random, school: School) -> County:
        if rng.random() < _LIVES_ELSEWHERE:
            return rng.choice(counties_of(school.agency))
        return school.county


def _first_grade(school: School) -> int:
    """Years since the first kindergarten year: a child of grade g was 3 + g years old on 1 September 2025."""
    return {"11": 0, "21": 3, "31": 9, "34": 12}[school.kind]


def _stay(
    rng: random.Random, school: School, next_school: School | None, place: int, *, ordinary: bool
) -> tuple[date, date, bool]:
    """Begin, end and whether the pupil moves: most stay all year, a few come late, never come, or change school."""
    chance = rng.random() if ordinary else 1.0
    if school.exact:
        chance = {0: 0.0, 1: 0.006}.get(place, 1.0) if school.size == _ON_PAPER else 1.0
    if chance < 0.006:
        return _JOINED_LATE, TERM_END, False
    if chance < 0.010:
        return _EXPECTED, SCHOOL_REFERENCE, False
    if chance < 0.018 and next_school:
        return TERM_BEGIN, _MOVED, True
    return TERM_BEGIN, TERM_END, False


def _classes_taught(school: School, number: int) -> list[tuple[str, bool]]:
    """Homeroom classes this teacher leads, then one they only teach in."""
    classes = [
        bureaus.homeroom(school, grade, place)
        for grade, pupils in zip(GRADES[school.kind], bureaus.grade_sizes(school), strict=True)
        for place in range(bureaus.class_count(pupils))
    ]
    led = classes[number :: school.teachers][:_MOST_CLASSES_TAUGHT]
    other = classes[(number * 5 + 1) % len(classes)]
    taught = [(class_id, True) for class_id in led]
    return taught if other in led else [*taught, (other, False)]
