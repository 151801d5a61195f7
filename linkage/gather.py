"""What the agencies' registers say of everybody: released statements, and names out of the vault, in memory alone.

Read as the one role that may open the vault. Nothing of what is opened is logged, raised or written anywhere.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from connectors import data_keys
from linkage.keys import SourcePerson
from linkage.statements import Statement
from pipeline import sealing
from pipeline.db import Connection
from pipeline.sealing import SealBroken

_FETCHED_AT_ONCE = 20_000
_SEXES = {"male": "male", "female": "female", "男": "male", "女": "female", "1": "male", "2": "female",
          "m": "male", "f": "female"}  # fmt: skip
_decoder = msgspec.json.Decoder(dict[str, str])


class _Row(NamedTuple):
    agency_code: str
    source_name: str
    person_id_agency: str
    stated_learner_key: uuid.UUID | None
    own_key: uuid.UUID | None
    birth_date: dt.date | None
    sex_code: str | None
    division_code: str | None
    subject: str | None
    sealed: bytes | None
    wrapped: bytes | None


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """What all records of one source person tell together; it names someone, so it has no telling representation."""

    person: SourcePerson
    stated_learner_key: uuid.UUID | None
    """learner of the valid id that most of the records carry"""
    other_learner_keys: tuple[uuid.UUID, ...]
    """learners of further ids that some of the records carry"""
    full_name: str | None
    birth_date: dt.date | None
    sex: str | None
    division_code: str | None
    resident_id: str | None

    def statement(self, number: int) -> Statement:
        """As linkage compares it."""
        key = None if self.stated_learner_key is None else str(self.stated_learner_key)
        return Statement(
            number, key, self.full_name, self.birth_date, self.sex, self.division_code, None, self.resident_id
        )


def is_built(connection: Connection) -> bool:
    """Whether there is anything to read: a build makes what linkage reads."""
    row = connection.execute("select to_regclass('intermediate.int_persons__resolved') is not null").fetchone()
    return bool(row and row[0])


def everybody(connection: Connection, master_key: bytes) -> Iterator[Told]:
    """Every source person with what their records tell, in the order of :class:`SourcePerson`; in constant memory."""
    with connection.cursor(name="everybody") as cursor:  # the server's cursor: rows come as they are needed
        cursor.itersize = _FETCHED_AT_ONCE
        cursor.execute(_EVERYBODY + _IN_ORDER)
        yield from _told(itertools.starmap(_Row, cursor), master_key)


def some(connection: Connection, master_key: bytes, persons: Sequence[SourcePerson]) -> Mapping[SourcePerson, Told]:
    """What the records of some source persons tell."""
    columns = [list(column) for column in zip(*persons, strict=True)] or [[], [], []]
    chosen = (
        " where (stated.agency_code, stated.source_name, stated.person_id_agency) in "
        "(select * from unnest(%s::text[], %s::text[], %s::text[]))"
    )
    found = connection.execute(_EVERYBODY + chosen + _IN_ORDER, columns).fetchall()
    return {told.person: told for told in _told(itertools.starmap(_Row, found), master_key)}


def _told(rows: Iterable[_Row], master_key: bytes) -> Iterator[Told]:
    for person, records in itertools.groupby(rows, key=lambda row: SourcePerson(*row[:3])):
        yield _together(person, list(records), master_key)


def _together(person: SourcePerson, records: Sequence[_Row], master_key: bytes) -> Told:
    stated = records[0].stated_learner_key
    opened = [_opened(row, master_key) for row in records]
    both = list(zip(records, opened, strict=True))
    others = {row.own_key for row in records if row.own_key and row.own_key != stated}
    return Told(
        person=person,
        stated_learner_key=stated,
        other_learner_keys=tuple(sorted(others)),
        full_name=_most(_name(told) for told in opened),
        birth_date=_most(row.birth_date or _day(told) for row, told in both),
        sex=_most(_sex(row.sex_code or told.get("sex")) for row, told in both),
        division_code=_most(row.division_code or told.get("division") for row, told in both),
        resident_id=_most(told.get("resident_id") for told in opened),
    )


def _opened(row: _Row, master_key: bytes) -> Mapping[str, str]:
    """The side-car of a record; nothing where there is none, or where it was erased or does not open."""
    if row.subject is None or row.sealed is None or row.wrapped is None:
        return {}
    try:
        key = sealing.unwrap(master_key, row.wrapped)
        return _decoder.decode(sealing.unseal(key, row.sealed, data_keys.context(row.subject)))
    except (SealBroken, msgspec.MsgspecError, ValueError):
        return {}


def _name(told: Mapping[str, str]) -> str | None:
    return told.get("full_name") or (told.get("family_name", "") + told.get("given_name", "")) or None


def _day(told: Mapping[str, str]) -> dt.date | None:
    try:
        return dt.date.fromisoformat(told.get("birth_date", ""))
    except ValueError:
        return None


def _sex(word: str | None) -> str | None:
    return _SEXES.get((word or "").strip().lower())


def _most(values: Iterable[Any]) -> Any:
    """What most say, of equals the least, so that order of arrival plays no part; None where nobody tells."""
    counted = Counter(value for value in values if value is not None)
    return min(counted, key=lambda value: (-counted[value], value)) if counted else None


_EVERYBODY = """
with newest as (
    select distinct on (agency_code, source, entity, record_id)
        agency_code, source, entity, record_id, subject, sealed
    from vault.identity
    order by agency_code, source, entity, record_id, version desc
)

select
    stated.agency_code, stated.source_name, stated.person_id_agency, persons.stated_learner_key,
    case when stated.person_key is not null then md5('person|' || stated.person_key)::uuid end,
    stated.birth_date, stated.sex_code, stated.residence_division_code, newest.subject, newest.sealed, keys.wrapped
from intermediate.int_persons__stated as stated
inner join intermediate.int_persons__resolved as persons
    on stated.agency_code = persons.agency_code
    and stated.source_name = persons.source_name
    and stated.person_id_agency = persons.person_id_agency
left join newest
    on stated.agency_code = newest.agency_code
    and stated.source_name = newest.source
    and stated.source_entity = newest.source || '__' || newest.entity
    and stated.record_id = newest.record_id
    and not exists (select from vault.erased where erased.subject = newest.subject)
left join vault.data_key as keys on newest.subject = keys.subject
"""
_IN_ORDER = """
order by stated.agency_code collate "C", stated.source_name collate "C", stated.person_id_agency collate "C",
    stated.record_id collate "C"
"""
