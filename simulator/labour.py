"""The labour office's delivery: three CSV files about people in work, their certificates and their trainings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from simulator.careers import Career, Certificate, Spell, Training
from simulator.churn import Change
from simulator.divisions import LABOUR_AGENCY
from simulator.files import Table, deliver_folder, writing_place
from simulator.kinds import (
    CERTIFICATE_ID_INVALID,
    CERTIFICATE_ID_MISSING,
    SPELL_ID_INVALID,
    SPELL_ID_MISSING,
    TRAINING_ID_INVALID,
    TRAINING_ID_MISSING,
    Kind,
)
from simulator.layouts import ENTITY, LABOUR
from simulator.people import IdState, Person
from simulator.timeline import delivery_date
from simulator.truth import Truth

_SEX: Final = {"male": "男", "female": "女"}
_ID_DEFECTS: Final[dict[str, dict[IdState, Kind]]] = {
    "employment": {"invalid": SPELL_ID_INVALID, "missing": SPELL_ID_MISSING},
    "skill_certificate": {"invalid": CERTIFICATE_ID_INVALID, "missing": CERTIFICATE_ID_MISSING},
    "training": {"invalid": TRAINING_ID_INVALID, "missing": TRAINING_ID_MISSING},
}
_PREFIX: Final = {"employment": "E", "skill_certificate": "S", "training": "T"}


@dataclass(frozen=True, slots=True)
class WorkerFile:
    """What the office holds about a person, apart from their working life. The resident id may be wrong here."""

    person: Person
    resident_id: str
    id_state: IdState

    def record(self, name: str, number: int) -> str:
        """The office's own number for one of the person's records."""
        return f"{_PREFIX[name]}{self.person.no:08d}-{number}"


class LabourOffice:
    """The delivery while it is written."""

    agency = LABOUR_AGENCY

    def __init__(self, root: Path, truth: Truth, day: int) -> None:
        self.truth = truth
        self._final = root / self.agency / f"hr_{delivery_date(day):%Y%m%d}"
        self._place = writing_place(self._final)
        self.tables = {name: Table(self._place / f"{name}.csv", header) for name, header in LABOUR.items()}

    def write_career(self, worker: WorkerFile, career: Career, touched: Mapping[int, date], change: Change) -> None:
        """Write everything of a person as it is; `touched` tells when spells were changed, by number."""
        for spell in career.spells:
            row = spell_row(worker, spell, touched=touched.get(spell.number))
            self.write(worker, "employment", spell.number, row.values(), change)
        for held in career.certificates:
            self.write(worker, "skill_certificate", held.number, certificate_row(worker, held).values(), change)
        for training in career.trainings:
            self.write(worker, "training", training.number, training_row(worker, training).values(), change)

    def write(
        self, worker: WorkerFile, name: str, number: int, row: Iterable[object], change: Change = ""
    ) -> tuple[str, Table]:
        """Write one row and say whose it is and whether it is news; returns its record id and the table."""
        record, table = worker.record(name, number), self.tables[name]
        table.write(row)
        self.truth.is_person(worker.person.no, self.agency, ENTITY[name], record, worker.id_state)
        if change:
            self.truth.change(change, self.agency, ENTITY[name], record)
        if kind := _ID_DEFECTS[name].get(worker.id_state):
            self.truth.defect(kind, self.agency, record, table)
        return record, table

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for table in self.tables.values():
            table.close()
        if kind is None:
            for name, table in self.tables.items():
                self.truth.rows(self.agency, ENTITY[name], table)
            deliver_folder(self._place, self._final)


def spell_row(worker: WorkerFile, spell: Spell, *, touched: date | None = None) -> dict[str, object]:
    """One row of employment.csv by column; `touched` is the day of its last change, if it had one since it began."""
    touched = touched or spell.end or spell.start
    return {
        **_identity(worker),
        "employer_uscc": spell.employer.uscc,
        "employer_name": spell.employer.name,
        "employment_id": worker.record("employment", spell.number),
        "employment_form": spell.form,
        "start_date": spell.start,
        "end_date": spell.end or "",
        "occupation_code": spell.occupation.isco08 if spell.isco else spell.occupation.gbt6565,
        "occupation_scheme": "ISCO08" if spell.isco else "GBT6565",
        "industry_code": spell.employer.industry.code,
        "workplace_division": spell.employer.county.code,
        "contract_hours": spell.hours,
        "record_status": "ended" if spell.end else "active",
        "last_modified": f"{touched}T09:30:00+08:00",
    }


def certificate_row(worker: WorkerFile, held: Certificate) -> dict[str, object]:
    """One row of skill_certificate.csv by column."""
    return {
        **_identity(worker),
        "certificate_no": worker.record("skill_certificate", held.number),
        "certificate_kind": held.kind,
        "occupation_code": held.occupation.gbt6565,
        "skill_level": held.level,
        "issuer_uscc": held.issuer_uscc,
        "issue_date": held.issued,
        "valid_to": held.valid_to or "",
        "revoked_date": held.revoked or "",
    }


def training_row(worker: WorkerFile, training: Training) -> dict[str, object]:
    """One row of training.csv by column."""
    return {
        **_identity(worker),
        "training_id": worker.record("training", training.number),
        "programme_name": training.programme,
        "kind": training.kind,
        "provider_uscc": training.provider_uscc,
        "start_date": training.start,
        "end_date": training.end,
        "hours": training.hours,
        "result": training.result,
        "subsidy_flag": "true" if training.subsidised else "false",
        "certificate_no": worker.record("skill_certificate", training.certificate) if training.certificate else "",
    }


def _identity(worker: WorkerFile) -> dict[str, object]:
    person = worker.person
    return {
        "resident_id": worker.resident_id,
        "full_name": person.name.full,
        "birth_date": person.born,
        "sex": _SEX[person.sex],
    }
