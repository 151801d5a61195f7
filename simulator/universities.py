"""The open universities' deliveries: seven CSV files each, in the layout of the OULAD data set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from simulator.catalogue import ASSESSMENTS, OFFER, SITES_EACH, Presentation, University, student_number
from simulator.churn import UNCHANGED, Fate
from simulator.files import Table, deliver_folder, writing_place
from simulator.kinds import STUDENT_ID_INVALID, STUDENT_ID_MISSING
from simulator.layouts import ENTITY, OULAD, OULAD_KEYS
from simulator.people import IdState, Person
from simulator.plan import Plan
from simulator.studies import Study
from simulator.timeline import age_at, delivery_date
from simulator.truth import Activity, Truth

MISSING: Final = "?"
_ID_DEFECTS: Final = {"invalid": STUDENT_ID_INVALID, "missing": STUDENT_ID_MISSING}
_CREDITS_CORRECTED: Final = 15
_PREFECTURE_REGION: Final = {"330100": "Hangzhou", "331100": "Lishui", "330900": "Zhoushan"}


@dataclass(frozen=True, slots=True)
class StudentFile:
    """What a university holds about a person, apart from what they study. Identity fields may be wrong here."""

    person: Person
    number: int
    resident_id: str | None
    id_state: IdState
    education: str
    disability: bool
    tells_home: bool = True


class OpenUniversity:
    """One university's delivery while it is written."""

    def __init__(self, root: Path, university: University, plan: Plan, truth: Truth, day: int) -> None:
        self.university = university
        self.truth = truth
        self._plan = plan
        self.fate: Fate = UNCHANGED
        """What becomes today of the records being written; set by who writes a person."""
        self._final = root / university.agency / f"oulad_{delivery_date(day):%Y%m%d}"
        self._place = writing_place(self._final)
        self.tables = {
            name: Table(self._place / f"{name}.csv", header, quote_all=True) for name, header in OULAD.items()
        }
        self._write_catalogue()

    @property
    def agency(self) -> str:
        """Its agency code."""
        return self.university.agency

    def number_of(self, person: Person) -> int:
        """The student number it gives a person."""
        return student_number(self._plan, self.university, person.no)

    def enrol(self, student: StudentFile, studies: Sequence[Study]) -> Activity:
        """Write a student with everything they do; returns what the released rows will show of it."""
        activity = Activity(id_state=student.id_state)
        for study in studies:
            self.write_info(student, study)
            self.write_registration(student, study)
            self._write_activity(student, study, activity)
        return activity

    def write_info(
        self, student: StudentFile, study: Study, *, gender: str | None = None, credits_more: int = 0
    ) -> str:
        """Write one studentInfo row; returns its record id."""
        person, presentation = student.person, study.presentation
        age = age_at(person.born, presentation.start)
        row = (
            presentation.module,
            presentation.code,
            student.number,
            gender or ("M" if person.sex == "male" else "F"),
            _PREFECTURE_REGION[person.home.prefecture_code],
            student.education,
            None,
            "0-35" if age < 35 else "35-55" if age < 55 else "55<=",
            study.attempts,
            study.credits + credits_more + (_CREDITS_CORRECTED if self.fate.corrected else 0),
            "Y" if student.disability else "N",
            study.result,
            student.resident_id,
            person.name.full,
            person.born.isoformat(),
            person.home.code if student.tells_home else None,
        )
        self.write("studentInfo", row)
        record = f"{presentation.module}|{presentation.code}|{student.number}"
        if not self.fate.present:
            return record
        self.truth.is_person(person.no, self.agency, "student_info", record, student.id_state)
        if kind := _ID_DEFECTS.get(student.id_state):
            self.truth.defect(kind, self.agency, record, self.tables["studentInfo"])
        return record

    def write_registration(self, student: StudentFile, study: Study) -> None:
        """Write one studentRegistration row."""
        presentation = study.presentation
        head = (presentation.module, presentation.code, student.number)
        self.write("studentRegistration", (*head, study.registered, study.unregistered))

    def write(self, name: str, row: Iterable[object]) -> Table:
        """Write any row with the layout's sign for what is missing, as `fate` has it; returns the table."""
        table = self.tables[name]
        values = [MISSING if value is None else value for value in row]
        if self.fate is not UNCHANGED:
            self._note(name, values)
        if self.fate.present:
            table.write(values)
        return table

    def _note(self, name: str, values: Sequence[object]) -> None:
        # A correction touches studentInfo alone; every other change touches all of a student's rows.
        change = "corrected" if self.fate.correction_due and name == "studentInfo" else self.fate.change
        if change:
            record = "|".join(str(values[place]) for place in OULAD_KEYS[name])
            self.truth.change(change, self.agency, ENTITY.get(name, name), record)

    def _write_activity(self, student: StudentFile, study: Study, activity: Activity) -> None:
        presentation = study.presentation
        start = presentation.start
        for work in study.submissions:
            number = presentation.assessment_id(work.assessment)
            self.write("studentAssessment", (number, student.number, work.day, int(work.banked), work.score))
            if not work.banked and self.fate.present:
                activity.saw(start + timedelta(days=work.day))
        head = (presentation.module, presentation.code, student.number)
        for day, site, clicks in study.clicks:
            self.write("studentVle", (*head, presentation.site_id(site), day, clicks))
            if self.fate.present:
                activity.saw(start + timedelta(days=day))

    def _write_catalogue(self) -> None:
        for presentation in OFFER[self.agency]:
            names = (presentation.module, presentation.code)
            self.write("courses", (*names, presentation.length))
            for work in ASSESSMENTS:
                number = presentation.assessment_id(work.number)
                self.write("assessments", (*names, number, work.kind, work.due, work.weight))
            for site in range(SITES_EACH):
                weeks = _weeks(presentation, site)
                self.write("vle", (presentation.site_id(site), *names, presentation.activity(site), *weeks))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for table in self.tables.values():
            table.close()
        if kind is None:
            for name, table in self.tables.items():
                self.truth.rows(self.agency, ENTITY.get(name, name), table)
            deliver_folder(self._place, self._final)


def _weeks(presentation: Presentation, site: int) -> tuple[int | None, int | None]:
    if site % 5:
        return None, None
    week = 1 + site * (presentation.length // 7) // SITES_EACH
    return week, week + 1
