"""Who is known to the labour office, under which id, what changes with them, and the defects planted on them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from simulator.careers import SKILL_GRADE, Career, Certificate, Spell, Training, birthday, draw_career
from simulator.churn import UNCHANGED, Change, Fate
from simulator.defects import Planted
from simulator.divisions import LABOUR_AGENCY, UNKNOWN_DIVISION
from simulator.employers import OTHER_WORKER, draw_employer
from simulator.identity import mistyped, mistyped_credit_code
from simulator.kinds import (
    CERTIFICATE_EXPIRED_EARLY,
    EMPLOYER_MISTYPED,
    HIRED_AS_CHILD,
    HOURS_NO_NUMBER,
    LEVEL_UNKNOWN,
    RESULT_UNKNOWN,
    SCHEME_UNKNOWN,
    SPELL_ENDS_EARLY,
    SPELL_ID_INVALID,
    SPELL_ID_MISSING,
    SPELL_IN_FUTURE,
    SPELL_NO_DATE,
    SPELL_RAGGED,
    SPELL_REPEATED,
    TRAINING_ENDS_EARLY,
    WORKPLACE_UNKNOWN,
    Kind,
)
from simulator.labour import LabourOffice, WorkerFile, certificate_row, spell_row, training_row
from simulator.people import IdState, Person
from simulator.students import spelled
from simulator.timeline import PRESENT, delivery_date

States = list[tuple[str, IdState]]
_A_CENTURY: Final = 36_525  # days: the year typed wrong, in the future whenever the row is read
_IDS: Final = (SPELL_ID_INVALID, SPELL_ID_MISSING)
_ON_SPELLS: Final = frozenset(
    (
        SPELL_RAGGED, SPELL_NO_DATE, HIRED_AS_CHILD, EMPLOYER_MISTYPED, SPELL_ENDS_EARLY, SCHEME_UNKNOWN,
        SPELL_IN_FUTURE, WORKPLACE_UNKNOWN, SPELL_REPEATED,
    )
)  # fmt: skip
_IN_THE_PAST: Final = frozenset((HIRED_AS_CHILD, SPELL_REPEATED))
"""Of the other defects every second falls on the latest spell: who lets it through counts one worker too many."""


@dataclass(frozen=True, slots=True)
class Workforce:
    """Registers people at the labour office."""

    office: LabourOffice

    def register(self, person: Person, rng: random.Random, *, since: date | None = None) -> States:
        """Write someone another sector knows too, under a valid id; returns nothing if they never worked."""
        career = draw_career(rng, person, since=since)
        if not career.spells:
            return []
        return self.enter(WorkerFile(person, spelled(rng, person), "valid"), career)

    def employ(
        self, person: Person, rng: random.Random, *, planted: Planted | None = None, fate: Fate = UNCHANGED
    ) -> States:
        """Write someone only this office knows."""
        career = draw_career(rng, person, early=True, full=planted is not None)
        worker = _file_of(rng, person, planted)
        touched: dict[int, date] = {}
        if planted and planted.kind not in _IDS:
            self.plant(worker, career, planted)
        elif fate.corrected:
            touched = self._change(rng, worker, career, fate)
        elif fate is not UNCHANGED and fate.change != "new":
            self._lose(worker, career, fate)
        return self.enter(worker, career, touched, change="new" if fate.change == "new" else "")

    def enter(
        self, worker: WorkerFile, career: Career, touched: Mapping[int, date] | None = None, *, change: Change = ""
    ) -> States:
        """Write a person's records as they are, and count what they show."""
        self.office.write_career(worker, career, touched or {}, change)
        self.office.truth.tally.worked(career.workplace_on(PRESENT), career.rank_on(PRESENT), worker.id_state)
        return [(LABOUR_AGENCY, worker.id_state)]

    def _change(self, rng: random.Random, worker: WorkerFile, career: Career, fate: Fate) -> dict[int, date]:
        """From the day of the change on: a new employer for those at work, on odd days and for others another job.

        Returns when each spell was touched.
        """
        last, day = career.spells.pop(), delivery_date(fate.since)
        changed: list[tuple[Change, Spell]] = []
        if last.end is None and fate.since % 2 == 0:
            chosen = draw_employer(rng, last.employer.county)
            occupation = rng.choice(chosen.industry.occupations)
            begun = replace(last, number=last.number + 1, employer=chosen, start=day, occupation=occupation)
            changed = [("corrected", replace(last, end=day - timedelta(days=1))), ("new", begun)]
        else:
            others = [known for known in last.employer.industry.occupations if known != last.occupation]
            changed = [("corrected", replace(last, occupation=others[0] if others else OTHER_WORKER))]
        for change, spell in changed:
            career.spells.append(spell)
            if fate.correction_due:
                self._note(change, worker, spell)
        return {spell.number: day for _, spell in changed}

    def _lose(self, worker: WorkerFile, career: Career, fate: Fate) -> None:
        """The latest spell is taken back, or is there again."""
        spell = career.spells[-1]
        if not fate.present:
            career.spells.pop()
        if fate.change:
            self._note(fate.change, worker, spell)

    def _note(self, change: Change, worker: WorkerFile, spell: Spell) -> None:
        record = worker.record("employment", spell.number)
        self.office.truth.change(change, LABOUR_AGENCY, "employments", record)

    def plant(self, worker: WorkerFile, career: Career, planted: Planted) -> None:
        """Write a wrong row in the place of a right one, which leaves the career."""
        kind = planted.kind
        if kind in _ON_SPELLS:
            late = planted.variant % 2 == 1 and kind not in _IN_THE_PAST
            spell = career.spells.pop(-1 if late else 0)
            name, number, row = "employment", spell.number, _wrong_spell(worker, spell, kind)
            if kind is SPELL_REPEATED:
                self.office.write(worker, name, number, row.values())
        elif kind in (LEVEL_UNKNOWN, CERTIFICATE_EXPIRED_EARLY):
            held = career.certificates.pop()
            name, number, row = "skill_certificate", held.number, _wrong_certificate(worker, held, kind)
            career.trainings = [replace(training, certificate=None) for training in career.trainings]
        else:
            training = career.trainings.pop()
            name, number, row = "training", training.number, _wrong_training(worker, training, kind)
        values = list(row.values())
        if kind is SPELL_RAGGED:
            values = values[:-1] if planted.variant % 2 else [*values, ""]
        record, table = self.office.write(worker, name, number, values)
        self.office.truth.defect(kind, LABOUR_AGENCY, record, table)


def _wrong_spell(worker: WorkerFile, spell: Spell, kind: Kind) -> dict[str, object]:
    changes: dict[Kind, dict[str, object]] = {
        SPELL_NO_DATE: {"start_date": "2025-02-30"},
        HIRED_AS_CHILD: {"start_date": birthday(worker.person.born, 16) - timedelta(days=1)},
        EMPLOYER_MISTYPED: {"employer_uscc": mistyped_credit_code(spell.employer.uscc)},
        SPELL_ENDS_EARLY: {"end_date": spell.start - timedelta(days=30)},
        SCHEME_UNKNOWN: {"occupation_scheme": "ISCO88"},
        SPELL_IN_FUTURE: {
            "start_date": spell.start + timedelta(days=_A_CENTURY),
            "end_date": "",
            "record_status": "active",
        },
        WORKPLACE_UNKNOWN: {"workplace_division": UNKNOWN_DIVISION},
    }
    return spell_row(worker, spell) | changes.get(kind, {})


def _wrong_certificate(worker: WorkerFile, held: Certificate, kind: Kind) -> dict[str, object]:
    early = {"valid_to": held.issued - timedelta(days=30)}
    unknown = {"certificate_kind": SKILL_GRADE, "skill_level": "九级"}
    return certificate_row(worker, held) | (unknown if kind is LEVEL_UNKNOWN else early)


def _wrong_training(worker: WorkerFile, training: Training, kind: Kind) -> dict[str, object]:
    changes: dict[Kind, dict[str, object]] = {
        RESULT_UNKNOWN: {"result": "合格"},
        HOURS_NO_NUMBER: {"hours": "两周"},
        TRAINING_ENDS_EARLY: {"end_date": training.start - timedelta(days=30)},
    }
    return training_row(worker, training) | changes[kind]


def _file_of(rng: random.Random, person: Person, planted: Planted | None) -> WorkerFile:
    if planted and planted.kind is SPELL_ID_MISSING:
        return WorkerFile(person, "", "missing")
    if planted and planted.kind is SPELL_ID_INVALID:
        return WorkerFile(person, mistyped(person.resident_id), "invalid")
    return WorkerFile(person, spelled(rng, person), "valid")
