"""A learner's file as the warehouse holds it, opened for someone who says why; who looked is kept in ``audit.entry``.

A file is one person's: whoever opens it is named, with the reason the command stands for, in the transaction that
reads. Of a child under 14, and of a pupil whose age nobody tells, nothing is opened without the reference of the
guardian's consent (PIPL articles 28 and 31).
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from learner_file import names
from pipeline.db import Connection, UndefinedTable, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from pipeline.zone import ZONE

ROLE = "flyover_learner"
AGE_OF_OWN_CONSENT = 14
_FIND = """
select learner_key from core.person_link
where agency_code = %(agency)s and source_entity = %(entity)s and record_id = %(record)s
union all
select learner_key from core.learner_file
where agency_code = %(agency)s and source_entity = %(entity)s and record_id = %(record)s
limit 1
"""
_PERSON = "select sex_code, birth_date, is_linked, source_persons from core.dim_learner where learner_key = %s"
_LINES = """
select sector_code, realm, kind_code, begun_date, ended_date, title, institution_name, result_code, score_pct,
    learning_hours, credits, agency_code, source_entity, record_id, _event_id
from core.learner_file
where learner_key = %s
order by begun_date nulls last, ended_date nulls last, kind_code, agency_code, source_entity, record_id
"""
_RECORDS = "select agency_code, source_entity, record_id from core.person_link where learner_key = %s"


@dataclass(frozen=True)
class Record:
    """A record of an agency, by which a learner may be asked for."""

    agency_code: str
    source_entity: str
    record_id: str


@dataclass(frozen=True)
class Request:
    """Who opens a file, and what for."""

    purpose: str
    by: str
    with_name: bool = False
    guardian_consent: str | None = None


@dataclass(frozen=True)
class Line:
    """One thing in a life, and the event that told of it."""

    sector_code: str | None
    realm: str | None
    kind_code: str
    begun_date: dt.date | None
    ended_date: dt.date | None
    """first day it no longer holds"""
    title: str | None
    institution_name: str | None
    result_code: str | None
    score_pct: float | None
    learning_hours: float | None
    credits: float | None
    agency_code: str
    source_entity: str
    record_id: str
    event_id: uuid.UUID

    @property
    def last_date(self) -> dt.date | None:
        """Last day it holds; an empty span ends where it begins."""
        if self.ended_date is None:
            return None
        last = self.ended_date - dt.timedelta(days=1)
        return max(last, self.begun_date) if self.begun_date else last


@dataclass(frozen=True)
class LearnerFile:
    """One person's file; ``name`` only where it was asked for and the vault knows one."""

    learner_key: uuid.UUID
    sex_code: str
    birth_date: dt.date | None
    is_linked: bool
    source_persons: int
    lines: Sequence[Line]
    name: str | None = None

    @property
    def is_simulated(self) -> bool:
        """Whether anything in it was invented."""
        return any(line.realm == "simulated" for line in self.lines)


def opened(settings: Settings, wanted: uuid.UUID | Record, request: Request) -> LearnerFile:
    """The file of a learner, by key or by a record of an agency.

    :raises BadInput: when nobody is known by it; when a guardian's consent is wanting
    """
    with connect(settings, ROLE) as connection:
        try:
            key = wanted if isinstance(wanted, uuid.UUID) else _found(connection, wanted)
            found = _read(connection, key)
        except UndefinedTable:
            raise BadInput("there are no files yet", advice="Core is made by the first build: ./flyover demo") from None
        _require_consent(found, request, dt.datetime.now(ZONE).date())
        _note(connection, found, request)
        records = connection.execute(_RECORDS, (key,)).fetchall() if request.with_name else []
    name = names.of(settings, key, records, by=request.by) if request.with_name else None
    return replace(found, name=name)


def age_on(birth_date: dt.date, day: dt.date) -> int:
    """Whole years; who is born on 29 February has the birthday on 1 March of other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _found(connection: Connection[Any], record: Record) -> uuid.UUID:
    row = connection.execute(
        _FIND, {"agency": record.agency_code, "entity": record.source_entity, "record": record.record_id}
    ).fetchone()
    if row is None:
        raise BadInput(
            "no learner is known by this record",
            agency=record.agency_code,
            source=record.source_entity,
            advice="Entities are named source__entity, e.g. oneroster__users; the record must be released and built.",
        )
    key: uuid.UUID = row[0]
    return key


def _read(connection: Connection[Any], key: uuid.UUID) -> LearnerFile:
    person = connection.execute(_PERSON, (key,)).fetchone()
    if person is None:
        raise BadInput(f"no learner has the key {key}", advice="Ask by a record: --record AGENCY ENTITY RECORD")
    sex_code, birth_date, is_linked, source_persons = person
    lines = tuple(Line(*row) for row in connection.execute(_LINES, (key,)))
    return LearnerFile(key, sex_code, birth_date, is_linked, source_persons, lines)


def _require_consent(found: LearnerFile, request: Request, today: dt.date) -> None:
    is_pupil = any(line.sector_code == "school" for line in found.lines)
    is_child = age_on(found.birth_date, today) < AGE_OF_OWN_CONSENT if found.birth_date else is_pupil
    if is_child and not request.guardian_consent:
        raise BadInput(
            f"the learner is under {AGE_OF_OWN_CONSENT}, or a pupil whose age is not told",
            advice="Name the guardian's consent: --guardian-consent REFERENCE; it is kept with who looked.",
        )


def _note(connection: Connection[Any], found: LearnerFile, request: Request) -> None:
    detail: Mapping[str, Any] = {
        "by": request.by,
        "lines": len(found.lines),
        "with_name": request.with_name,
        "guardian_consent": request.guardian_consent,
    }
    connection.execute(
        "insert into audit.entry (action, object, detail) values (%s, %s, %s)",
        (request.purpose, f"learner {found.learner_key}", json.dumps(detail, ensure_ascii=False)),
    )
