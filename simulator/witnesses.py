"""Scripted adults on the edges of the participation indicator: a wrong bound counts one of them wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from simulator.catalogue import OFFER
from simulator.defects import Planted
from simulator.divisions import County
from simulator.identity import RESERVED_AREA, resident_id
from simulator.kinds import CLICKS_NEGATIVE, SCORE_RANGE, STUDENT_ID_MISSING
from simulator.naming import draw_name
from simulator.people import IdState, Person
from simulator.plan import Plan
from simulator.students import Enrolled, plant
from simulator.studies import Click, Study, Submission
from simulator.universities import OpenUniversity, StudentFile

_MAIN: Final = "ou-zhejiang"
_OTHER: Final = "ou-ningbo"
_INDICATOR: Final = "lifelong_participation_25_64"


@dataclass(frozen=True, slots=True)
class Witness:
    """One scripted adult: when born, in which presentation, what they did, and whether that counts.

    `clicks` and `submissions` are day offsets from the start of the presentation.
    """

    why: str
    counts: bool
    born: date = date(1985, 5, 20)
    code: str = "2025B"
    clicks: tuple[int, ...] = ()
    submissions: tuple[int, ...] = ()
    banked: bool = False
    agencies: tuple[str, ...] = (_MAIN,)
    planted: Planted | None = field(default=None)


WITNESSES: Final = (
    Witness("25 years old on the reference day", True, born=date(2000, 12, 31), clicks=(10,)),
    Witness("24 years old on the reference day", False, born=date(2001, 1, 1), clicks=(10,)),
    Witness("64 years old on the reference day", True, born=date(1961, 1, 1), clicks=(10,)),
    Witness("65 years old on the reference day", False, born=date(1960, 12, 31), clicks=(10,)),
    Witness("born on 29 February", True, born=date(1980, 2, 29), clicks=(10,)),
    Witness("only click on 2024-12-31, before the window", False, code="2024J", clicks=(91,)),
    Witness("only click on 2025-01-01, first day of the window", True, code="2024J", clicks=(92,)),
    Witness("only click on 2025-12-31, last day of the window", True, code="2025J", clicks=(91,)),
    Witness("a submission without any click", True, submissions=(17,)),
    Witness("only banked submissions", False, submissions=(-1,), banked=True),
    Witness("registered, never active", False),
    Witness("active at both universities, one person", True, clicks=(10, 11), agencies=(_MAIN, _OTHER)),
    Witness("only submission has a score of 150", False, planted=Planted(_MAIN, SCORE_RANGE, 0)),
    Witness("only click is negative", False, planted=Planted(_MAIN, CLICKS_NEGATIVE, 0)),
    Witness("active, but without a resident id", False, clicks=(10,), planted=Planted(_MAIN, STUDENT_ID_MISSING, 0)),
)


def enrol_witness(
    plan: Plan, universities: Mapping[str, OpenUniversity], number: int, no: int, home: County
) -> tuple[Person, Enrolled]:
    """Write the numbered witness as person `no` and list them in witnesses.csv."""
    witness = WITNESSES[number]
    sex = "female" if number % 2 else "male"
    name = draw_name(plan.rng("witness", number), sex, 0)
    person = Person(no, sex, witness.born, resident_id(RESERVED_AREA, witness.born, number, sex), name, home)
    without_id = witness.planted is not None and witness.planted.kind is STUDENT_ID_MISSING
    state: IdState = "missing" if without_id else "valid"
    seen = []
    for agency in witness.agencies:
        university = universities[agency]
        shown = None if without_id else person.resident_id
        student = StudentFile(person, university.number_of(person), shown, state, "HE Qualification", disability=False)
        study = _study(witness, agency)
        seen.append(university.enrol(student, [study]))
        if witness.planted:
            plant(plan, university, student, [study], witness.planted)
        record = f"{study.presentation.module}|{study.presentation.code}|{student.number}"
        university.truth.witness(
            agency, "student_info", record, counts=witness.counts, why=witness.why, indicator=_INDICATOR
        )
    return person, Enrolled([(agency, state) for agency in witness.agencies], seen, home.code)


def _study(witness: Witness, agency: str) -> Study:
    presentation = next(offered for offered in OFFER[agency] if offered.code == witness.code)
    running = presentation.last_day < presentation.length
    study = Study(presentation, registered=-40, attempts=int(witness.banked), result=None if running else "Fail")
    study.clicks = [Click(day, 1, 3) for day in witness.clicks]
    study.submissions = [Submission(number, day, witness.banked, 66) for number, day in enumerate(witness.submissions)]
    return study
