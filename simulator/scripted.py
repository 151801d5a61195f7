"""Scripted workers and seniors on the edges of the rules and indicators of their sectors.

As with the scripted adults of the open universities: a bound taken wrongly counts one of them wrongly, or raises an
alarm over them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from simulator.careers import SINGLE_SKILL, SKILL_GRADE, TITLE, UNGRADED, Career, Certificate, Spell
from simulator.defects import Planted
from simulator.divisions import LABOUR_AGENCY, SENIOR_AGENCIES, County
from simulator.employers import WELDER, employer, issuer
from simulator.identity import RESERVED_AREA, resident_id
from simulator.kinds import HIRED_AS_CHILD, SENIOR_ID_MISSING, STATUS_UNKNOWN, Kind
from simulator.labour import WorkerFile
from simulator.naming import draw_name
from simulator.pensioners import SeniorSchools, States, plant
from simulator.people import IdState, Person
from simulator.plan import Plan
from simulator.senior_offer import COURSES, CURRENT
from simulator.seniors import ENTITY, Enrolment, SeniorFile
from simulator.timeline import PRESENT
from simulator.workers import Workforce

SKILLED: Final = "skilled_workers"
SENIORS: Final = "senior_learners_60plus"
_DAY: Final = timedelta(days=1)
_BORN: Final = date(1985, 5, 20)
_ENROLLED: Final = date(2025, 8, 20)
_FIRST_WORKER_SERIAL, _FIRST_SENIOR_SERIAL = 100, 200


@dataclass(frozen=True, slots=True)
class _Worker:
    """`levels` are (kind, level) of the certificates; `valid_to` and `revoked` those of the first."""

    why: str
    counts: bool
    levels: tuple[tuple[str, str], ...] = ((SKILL_GRADE, "五级"),)
    born: date = _BORN
    start: date = date(2015, 3, 2)
    end: date | None = None
    valid_to: date | None = None
    revoked: date | None = None
    planted: Kind | None = None


@dataclass(frozen=True, slots=True)
class _Senior:
    why: str
    counts: bool
    born: date = date(1955, 5, 20)
    classes: int = 1
    everywhere: bool = False
    planted: Kind | None = None


_WORKERS: Final = (
    _Worker("hired on the sixteenth birthday", True, born=date(2000, 5, 20), start=date(2016, 5, 20)),
    _Worker(
        "hired the day before the sixteenth birthday, so the only spell is kept out", False,
        born=date(2000, 5, 20), start=date(2016, 5, 19), planted=HIRED_AS_CHILD,
    ),
    _Worker("an apprentice's certificate only", False, levels=((SKILL_GRADE, "学徒工"),)),
    _Worker("the lowest of the five grades", True),
    _Worker("a professional title only", False, levels=((TITLE, "中级"),)),
    _Worker("a single-skill certificate only", False, levels=((SINGLE_SKILL, UNGRADED),)),
    _Worker("certificate revoked on 2025-12-31", False, revoked=PRESENT),
    _Worker("certificate valid to 2025-12-31", True, valid_to=PRESENT),
    _Worker("certificate valid to 2025-12-30", False, valid_to=PRESENT - _DAY),
    _Worker("last day at work 2025-12-31", True, end=PRESENT),
    _Worker("last day at work 2025-12-30", False, end=PRESENT - _DAY),
    _Worker("two certificates, one worker", True, levels=((SKILL_GRADE, "五级"), (SKILL_GRADE, "一级"))),
)  # fmt: skip
_SENIORS: Final = (
    _Senior("60 years old on the reference day", True, born=date(1965, 12, 31)),
    _Senior("59 years old on the reference day", False, born=date(1966, 1, 1)),
    _Senior("110 years old", True, born=date(1915, 6, 1)),
    _Senior("at both senior universities, one person", True, everywhere=True),
    _Senior("two classes in one term, one person", True, classes=2),
    _Senior("without a resident id", False, planted=SENIOR_ID_MISSING),
    _Senior("only enrolment has an unknown status", False, planted=STATUS_UNKNOWN),
    _Senior("80 the day after enrolling, so no consent is due", True, born=date(1945, 8, 21)),
)


def write_scripted_worker(plan: Plan, workforce: Workforce, number: int, no: int, home: County) -> States:
    """Write the numbered worker as person `no` and list them in witnesses.csv."""
    script = _WORKERS[number]
    person = _person(plan.rng("scripted worker", number), no, script.born, _FIRST_WORKER_SERIAL + number, home)
    worker = WorkerFile(person, person.resident_id, "valid")
    spell = Spell(1, employer(home, 1), "contract", script.start, script.end, WELDER, isco=False)
    career = Career([spell], [_held(1, script.levels[0], home, script.valid_to, script.revoked)])
    career.certificates += [_held(number, level, home) for number, level in enumerate(script.levels[1:], start=2)]
    if script.planted:
        workforce.plant(worker, career, Planted(LABOUR_AGENCY, script.planted, 0))
    record = worker.record("employment", 1)
    truth = workforce.office.truth
    truth.witness(LABOUR_AGENCY, "employments", record, counts=script.counts, why=script.why, indicator=SKILLED)
    return workforce.enter(worker, career)


def _held(
    number: int,
    kind_and_level: tuple[str, str],
    home: County,
    valid_to: date | None = None,
    revoked: date | None = None,
) -> Certificate:
    kind, level = kind_and_level
    return Certificate(number, kind, WELDER, level, issuer(home, 0), date(2018 + number, 6, 3), valid_to, revoked)


def write_scripted_senior(
    plan: Plan, schools: SeniorSchools, agency: str, number: int, no: int, home: County
) -> States:
    """Write the numbered senior as person `no` of an agency and list them in witnesses.csv."""
    script = _SENIORS[number]
    serial = _FIRST_SENIOR_SERIAL + 20 * list(SENIOR_AGENCIES).index(agency) + number
    person = _person(plan.rng(f"scripted senior/{agency}", number), no, script.born, serial, home)
    state: IdState = "missing" if script.planted is SENIOR_ID_MISSING else "valid"
    shown = person.resident_id if state == "valid" else ""
    states: States = []
    for code in SENIOR_AGENCIES if script.everywhere else (agency,):
        register = schools.registers[code]
        senior = SeniorFile(
            person, register.university.schools[0], shown, state, "senior", retired=True, hukou=home.code,
            home_code=home.code,
        )  # fmt: skip
        enrolments = [
            Enrolment(CURRENT, course, 1, "classroom", _ENROLLED, course.hours // 2, "enrolled")
            for course in COURSES[: script.classes]
        ]
        record = enrolments[0].key(senior)
        if script.planted:
            plant(register, senior, enrolments, Planted(code, script.planted, 1))
        for enrolment in enrolments:
            register.enrol(senior, enrolment)
        register.truth.witness(code, ENTITY, record, counts=script.counts, why=script.why, indicator=SENIORS)
        states.append((code, state))
    if script.planted is not STATUS_UNKNOWN:
        register.truth.tally.learned_late(person, home.code, [state])
    return states


def _person(rng: random.Random, no: int, born: date, serial: int, home: County) -> Person:
    sex = "female" if serial % 2 else "male"
    return Person(no, sex, born, resident_id(RESERVED_AREA, born, serial, sex), draw_name(rng, sex, 0), home)
