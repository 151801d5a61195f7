"""The senior universities' registers: one row a person, class and term, in the form each office sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from simulator.churn import UNCHANGED, Fate
from simulator.files import Table, deliver_file, writing_place
from simulator.kinds import SENIOR_ID_INVALID, SENIOR_ID_MISSING
from simulator.layouts import SENIOR
from simulator.people import IdState, Person
from simulator.senior_offer import SENIOR_UNIVERSITIES, Course, Term
from simulator.senior_words import WORDS
from simulator.timeline import age_at, delivery_date
from simulator.truth import Truth
from simulator.workbook import Sheet

ENTITY: Final = "enrolments"
_ID_DEFECTS: Final = {"invalid": SENIOR_ID_INVALID, "missing": SENIOR_ID_MISSING}
_NO_GLYPH: Final = "〓"
"""What printers here put where a character is missing: the old national set lacks some of the rarer ones."""
_CONSENT_FROM: Final = 80
_ADDED_UP: Final = ("fee_paid", "hours_planned", "hours_attended")


@dataclass(frozen=True, slots=True)
class SeniorFile:
    """What a school holds about a person. Identity fields may be wrong here."""

    person: Person
    school_code: str
    resident_id: str
    id_state: IdState
    education: str
    retired: bool
    hukou: str
    home_code: str

    @property
    def card(self) -> str:
        """Number of the student card: tells nothing about the person."""
        return f"K{self.person.no:08d}"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One person in one class of one term."""

    term: Term
    course: Course
    class_no: int
    delivery: str
    enrolled: date
    attended: int
    status: str
    reason: str = ""

    @property
    def class_id(self) -> str:
        """The school's number of the class."""
        return f"{self.course.code}-{self.class_no:02d}"

    def key(self, senior: SeniorFile) -> str:
        """Record id of the row: school, term, class, card."""
        return f"{senior.school_code}|{self.term.code}|{self.class_id}|{senior.card}"


class Register:
    """One agency's register while it is written."""

    def __init__(self, root: Path, agency: str, truth: Truth, day: int) -> None:
        self.university = SENIOR_UNIVERSITIES[agency]
        self.truth = truth
        self.fate: Fate = UNCHANGED
        """What becomes today of the records being written; set by who writes a person."""
        workbook = self.university.form == "workbook"
        name = f"senior_enrolment_{delivery_date(day):%Y%m%d}.{'xlsx' if workbook else 'csv'}"
        self._final = root / agency / name
        self._place = writing_place(self._final)
        header = list(SENIOR.values())
        title = f"{self.university.name_zh}学员报名登记表"
        self.table: Table | Sheet = (
            Sheet(self._place / name, title, "学员", header)
            if workbook
            else Table(self._place / name, header, end="\r\n", encoding="gbk")
        )
        self._totals: Counter[str] = Counter()

    @property
    def agency(self) -> str:
        """Its agency code."""
        return self.university.agency

    def enrol(self, senior: SeniorFile, enrolment: Enrolment, **wrong: object) -> str:
        """Write one row, with some columns wrong, and say whose it is; returns its record id."""
        record = enrolment.key(senior)
        if self.fate.change:
            self.truth.change(self.fate.change, self.agency, ENTITY, record)
        if not self.fate.present:
            return record
        row = _row(senior, enrolment) | wrong
        self._add_up(row)
        self.table.write(self._told(row))
        self.truth.is_person(senior.person.no, self.agency, ENTITY, record, senior.id_state)
        if kind := _ID_DEFECTS.get(senior.id_state):
            self.truth.defect(kind, self.agency, record, self.table)
        return record

    def as_number(self, resident_id: str) -> object:
        """What becomes of an id in a cell that is a number: the last digits are lost for good."""
        number = float(resident_id[:17] + "0")
        return number if isinstance(self.table, Sheet) else f"{number:.5E}"

    def _told(self, row: Mapping[str, object]) -> list[object]:
        """The row in the office's words; dates are dates in a workbook, and 2025/9/1 elsewhere."""
        words = WORDS[self.university.form]
        values = [words.get(column, {}).get(str(row[column]), row[column]) for column in SENIOR]
        return values if isinstance(self.table, Sheet) else [_as_text(value) for value in values]

    def _add_up(self, row: Mapping[str, object]) -> None:
        for column in _ADDED_UP:
            value = row[column]
            self._totals[column] += value if isinstance(value, int) else 0

    def _write_totals(self, sheet: Sheet) -> None:
        row: list[object] = [self._totals[column] if column in _ADDED_UP else "" for column in SENIOR]
        sheet.write_totals(["合计", *row[1:]])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and isinstance(self.table, Sheet):
            self._write_totals(self.table)
        self.table.close()
        if kind is None:
            self.truth.rows(self.agency, ENTITY, self.table)
            deliver_file(self._place, self._final)


def _row(senior: SeniorFile, enrolment: Enrolment) -> dict[str, object]:
    person, course = senior.person, enrolment.course
    agreed = age_at(person.born, enrolment.enrolled) >= _CONSENT_FROM
    return {
        "school_code": senior.school_code,
        "term": enrolment.term.code,
        "class_id": enrolment.class_id,
        "course_code": course.code,
        "course_category": course.category,
        "delivery": enrolment.delivery,
        "student_card_no": senior.card,
        "full_name": person.name.full,
        "sex": person.sex,
        "resident_id": senior.resident_id,
        "birth_date": person.born,
        "enrol_date": enrolment.enrolled,
        "fee_paid": course.fee,
        "hours_planned": course.hours,
        "hours_attended": enrolment.attended,
        "status": enrolment.status,
        "withdraw_reason": enrolment.reason,
        "education_level": senior.education,
        "residence_division": senior.home_code,
        "hukou_division": senior.hukou,
        "retired_flag": "true" if senior.retired else "false",
        "health_declaration_flag": "true",
        "consent_80plus": "true" if agreed else "",
        "emergency_contact": f"120{person.no + 7:08d}",
    }


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return f"{value.year}/{value.month}/{value.day}"
    return _in_gbk(str(value))


def _in_gbk(text: str) -> str:
    """The text with a mark for every character the old national set lacks."""
    return "".join(char if _encodes(char) else _NO_GLYPH for char in text)


def _encodes(char: str) -> bool:
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True
