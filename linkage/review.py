"""What a person sees of who is whom: the review queue, a learner's records, the history. Every look is in the trail.

Names and dates are opened for the time of one answer and masked, unless a steward asks to see them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from expectations.decisions import trail
from expectations.decisions.people import Actor, require
from linkage import gather, merges
from linkage.gather import Told
from linkage.keys import SourcePerson
from linkage.run import ROLE
from pipeline.db import Connection, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings

SHOWN_RECORDS = 3
"""Of a learner with many records the first speak for all in the queue."""


@dataclass(frozen=True, repr=False)
class Side:
    """A record of somebody, masked unless a steward looks."""

    record: str
    name: str | None
    born: str | None
    sex: str | None
    division_code: str | None
    link: str
    score_bits: float | None


@dataclass(frozen=True, repr=False)
class Question:
    """Is this record that learner's?"""

    candidate_id: int
    why: str
    weight_bits: float | None
    evidence: Mapping[str, str]
    model_version: str
    opened_at: dt.datetime
    record: Side
    learner_key: uuid.UUID
    known: tuple[Side, ...]


def waiting(
    settings: Settings, *, actor: Actor, limit: int = 20, why: str | None = None, reveal: bool = False
) -> list[Question]:
    """Open questions, the surest first."""
    require(actor, "steward" if reveal else "officer")
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select candidate_id, why, weight_bits, evidence, model_version, opened_at, agency_code, source_name, "
            "person_id_agency, learner_key from persons.candidate where status = 'open' "
            "and (%(why)s::text is null or why = %(why)s) and (%(agencies)s::text[] is null or "
            "agency_code = any(%(agencies)s)) order by weight_bits desc nulls last, candidate_id limit %(limit)s",
            {"why": why, "limit": limit, "agencies": None if actor.agencies is None else sorted(actor.agencies)},
        ).fetchall()
        asked = {row[0]: SourcePerson(*row[6:9]) for row in found}
        known = {row[0]: _records_of(connection, row[9])[:SHOWN_RECORDS] for row in found}
        everybody = [*asked.values(), *(person for persons in known.values() for person in persons)]
        sides = _sides(connection, settings, everybody, reveal=reveal)
        detail = {"questions": list(asked), "revealed": reveal}
        trail.note(connection, actor, "persons.review", "review queue", detail)
    return [
        Question(
            candidate_id=row[0],
            why=row[1],
            weight_bits=row[2],
            evidence=row[3],
            model_version=row[4],
            opened_at=row[5],
            record=sides[asked[row[0]]],
            learner_key=row[9],
            known=tuple(sides[person] for person in known[row[0]] if person in sides),
        )
        for row in found
        if asked[row[0]] in sides
    ]


def records(settings: Settings, target: SourcePerson | uuid.UUID, *, actor: Actor, reveal: bool = False) -> list[Side]:
    """All records of a learner, or of the learner that a record is linked to.

    :raises BadInput: when nobody is known so
    """
    require(actor, "steward" if reveal else "officer")
    with connect(settings, ROLE) as connection:
        learner = target if isinstance(target, uuid.UUID) else learner_of(connection, target)
        persons = _records_of(connection, learner)
        if not persons:
            raise BadInput(f"no learner {learner}", advice="Keys of learners stand in core.dim_learner.")
        sides = _sides(connection, settings, persons, reveal=reveal)
        detail = {"records": len(persons), "revealed": reveal}
        trail.note(connection, actor, "persons.show", f"learner {learner}", detail)
    return [sides[person] for person in persons]


def history(settings: Settings, target: SourcePerson | uuid.UUID, *, actor: Actor) -> list[tuple[Any, ...]]:
    """What was known and decided, oldest first: from, until, what, record, learner, rule, bits, by, reason."""
    require(actor, "officer")
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            _HISTORY_OF_RECORD if isinstance(target, SourcePerson) else _HISTORY_OF_LEARNER,
            {"a": target[0], "s": target[1], "p": target[2]}
            if isinstance(target, SourcePerson)
            else {"learner": target},
        ).fetchall()
        about = f"person {target.shown}" if isinstance(target, SourcePerson) else f"learner {target}"
        trail.note(connection, actor, "persons.history", about, {"lines": len(found)})
    return found


def learner_of(connection: Connection, person: SourcePerson) -> uuid.UUID:
    """The learner a record belongs to, as core has it.

    :raises BadInput: when nobody is known so
    """
    found = connection.execute(
        "select learner_key from intermediate.int_persons__resolved "
        "where (agency_code, source_name, person_id_agency) = (%s, %s, %s)",
        person,
    ).fetchone()
    if found is None:
        raise BadInput(f"nobody is known as {person.shown}", advice="Write AGENCY:SOURCE:ID as review shows it.")
    key: uuid.UUID = found[0]
    return key


def masked(told: Told) -> tuple[str | None, str | None]:
    """First character and length of a name, year of birth."""
    name = told.full_name
    return (
        f"{name[0]}{'*' * (len(name) - 1)}" if name else None,
        str(told.birth_date.year) if told.birth_date else None,
    )


def _records_of(connection: Connection, learner: uuid.UUID) -> list[SourcePerson]:
    found = connection.execute(
        "select agency_code, source_name, person_id_agency from intermediate.int_persons__resolved "
        "where learner_key = any(%s) order by stated_learner_key is null, agency_code, source_name, person_id_agency",
        ([learner, merges.root(connection, learner)],),
    )
    return [SourcePerson(*row) for row in found]


def _sides(
    connection: Connection, settings: Settings, persons: Sequence[SourcePerson], *, reveal: bool
) -> dict[SourcePerson, Side]:
    if not persons:
        return {}
    columns = [list(column) for column in zip(*persons, strict=True)]
    links = {
        SourcePerson(*row[:3]): (row[3], row[4])
        for row in connection.execute(
            "select agency_code, source_name, person_id_agency, link_method_code, link_score_bits "
            "from intermediate.int_persons__resolved where (agency_code, source_name, person_id_agency) in "
            "(select * from unnest(%s::text[], %s::text[], %s::text[]))",
            columns,
        )
    }
    sides = {}
    for person, told in gather.some(connection, settings.secrets.vault_master_key, persons).items():
        name, born = masked(told)
        if reveal:
            name, born = told.full_name, str(told.birth_date) if told.birth_date else None
        sides[person] = Side(person.shown, name, born, told.sex, told.division_code, *links[person])
    return sides


_HISTORY = """
select
    recorded_at, superseded_at, 'link: ' || method as what,
    concat_ws(':', agency_code, source_name, person_id_agency) as record, learner_key::text, rule_version, score_bits,
    decided_by, reason
from persons.link
where {links}
union all
select
    recorded_at, superseded_at, 'merged into', null, learner_key || ' → ' || into_learner_key, null, null, null, null
from persons.alias
where {aliases}
union all
select
    decided_at, undone_at, 'decided: ' || kind, concat_ws(':', agency_code, source_name, person_id_agency),
    concat_ws(' → ', learner_key, other_learner_key), null, null, decided_by, reason
from persons.decision
where {decisions}
order by 1, 3
"""
_OF_RECORD = "(agency_code, source_name, person_id_agency) = (%(a)s, %(s)s, %(p)s)"
_HISTORY_OF_RECORD = _HISTORY.format(links=_OF_RECORD, aliases="false", decisions=_OF_RECORD)
_HISTORY_OF_LEARNER = _HISTORY.format(
    links="learner_key = %(learner)s",
    aliases="%(learner)s in (learner_key, into_learner_key)",
    decisions="%(learner)s in (learner_key, other_learner_key)",
)
