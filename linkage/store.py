"""Schema ``persons``: what was decided is read from it, what should hold is compared with it and written by set.

Nothing is deleted: a link that no longer holds is superseded in the transaction that records the next one.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from linkage.keys import SourcePerson, of_record
from linkage.words import Words
from pipeline.db import Connection
from pipeline.released_seq import next_released_seq


class Wanted(NamedTuple):
    """A link that should hold."""

    person: SourcePerson
    learner_key: uuid.UUID
    stated_learner_key: uuid.UUID | None
    method: str
    rule_version: str
    score_bits: float | None


class Asked(NamedTuple):
    """A question for a person: is this record that learner's?"""

    person: SourcePerson
    learner_key: uuid.UUID
    other_learner_key: uuid.UUID | None
    why: str
    weight_bits: float | None
    evidence: Mapping[str, str]


class Head(NamedTuple):
    """What a run says of itself."""

    model_version: str
    started_at: dt.datetime
    statements: int
    seen_seq: int


@dataclass(frozen=True)
class Written:
    """What a run changed."""

    recorded: int
    superseded: int
    opened: int
    closed: int
    released_seq: int | None


@dataclass(frozen=True)
class Decisions:
    """What people decided and nobody took back."""

    same: Mapping[SourcePerson, uuid.UUID]
    different: frozenset[tuple[SourcePerson, uuid.UUID]]
    two_learners: frozenset[tuple[uuid.UUID, uuid.UUID]]
    stands_for: Mapping[uuid.UUID, uuid.UUID]

    def settles(self, one: uuid.UUID, other: uuid.UUID) -> bool:
        """Whether somebody said of two learners that they are one, or are not."""
        pair = in_order(self.stands_for.get(one, one), self.stands_for.get(other, other))
        return pair[0] == pair[1] or pair in self.two_learners

    def words(self, persons: Sequence[SourcePerson]) -> Words:
        """In the linkage's terms; ``persons`` by statement number.

        A learner without an id is the record that stands for it, so that what was said of it holds for that record.
        """
        numbers = {person: number for number, person in enumerate(persons)}
        said = set(self.same.values()) | {key for _, key in self.different}
        alone = (
            {key: number for person, number in numbers.items() if (key := of_record(person)) in said} if said else {}
        )
        same = {numbers[person]: str(key) for person, key in self.same.items() if person in numbers}
        same |= {alone[key]: str(key) for key in self.same.values() if key in alone and alone[key] not in same}
        apart = {(numbers[person], key) for person, key in self.different if person in numbers}
        return Words(
            same=same,
            apart=frozenset((number, str(key)) for number, key in apart),
            apart_statements=frozenset(
                (min(number, alone[key]), max(number, alone[key]))
                for number, key in apart
                if key in alone and alone[key] != number
            ),
            apart_persons=frozenset((str(one), str(other)) for one, other in self.two_learners),
            stands_for={str(key): str(into) for key, into in self.stands_for.items()},
        )


def decisions(connection: Connection) -> Decisions:
    """What holds of all that was decided; where somebody decided twice, the later word."""
    same: dict[SourcePerson, uuid.UUID] = {}
    different: set[tuple[SourcePerson, uuid.UUID]] = set()
    for agency_code, source_name, person_id, kind, key in connection.execute(
        "select agency_code, source_name, person_id_agency, kind, learner_key from persons.decision "
        "where undone_at is null and agency_code is not null order by decision_id"
    ):
        person = SourcePerson(agency_code, source_name, person_id)
        if kind == "same":
            same[person] = key
        else:
            different.add((person, key))
    merged = connection.execute("select learner_key, into_learner_key from persons.alias where superseded_at is null")
    stands_for: dict[uuid.UUID, uuid.UUID] = dict(merged.fetchall())
    pairs = connection.execute(
        "select learner_key, other_learner_key from persons.decision "
        "where undone_at is null and kind = 'different' and agency_code is null"
    ).fetchall()

    def root(key: uuid.UUID) -> uuid.UUID:
        return stands_for.get(key, key)

    two = {in_order(root(one), root(other)) for one, other in pairs}
    return Decisions(same, frozenset(different), frozenset(two), stands_for)


def in_order(one: uuid.UUID, other: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """Two learners, whichever was named first."""
    return (one, other) if str(one) < str(other) else (other, one)


def built_up_to(connection: Connection) -> int:
    """How far the build had read of which the statements are."""
    row = connection.execute("select released_seq from intermediate.build_bound").fetchone()
    return int(row[0]) if row else 0


def write(connection: Connection, wanted: Iterable[Wanted], asked: Iterable[Asked], head: Head) -> Written:
    """Bring the links in force and the open candidates to what is wanted, in the caller's transaction."""
    _set_aside(connection, wanted, asked)
    counted = connection.execute(_COUNTED).fetchone()
    recorded, superseded, opened, closed, is_moving = counted or (0, 0, 0, 0, False)
    written = Written(recorded, superseded, opened, closed, next_released_seq(connection) if is_moving else None)
    run = connection.execute(_RUN, {**head._asdict(), **vars(written)}).fetchone()
    told = {"run": run[0] if run else None, "seq": written.released_seq, "version": head.model_version}
    for statement in (_SUPERSEDE, _RECORD, _CLOSE, _OPEN):
        connection.execute(statement, told)
    return written


def _set_aside(connection: Connection, wanted: Iterable[Wanted], asked: Iterable[Asked]) -> None:
    """What should hold and what does not, as temporary tables that the planner knows."""
    connection.execute(_TABLES)
    with connection.cursor() as cursor:
        with cursor.copy(
            "copy wanted (agency_code, source_name, person_id_agency, learner_key, stated_learner_key, method, "
            "rule_version, score_bits) from stdin"
        ) as copy:
            for link in wanted:
                copy.write_row((*link.person, *link[1:]))
        with cursor.copy(
            "copy asked (agency_code, source_name, person_id_agency, learner_key, other_learner_key, why, weight_bits, "
            "evidence) from stdin"
        ) as copy:
            for question in asked:
                evidence = json.dumps(dict(question.evidence), ensure_ascii=False)
                copy.write_row((*question.person, *question[1:5], evidence))
    connection.execute(_DIFFERENCES)


_TABLES = """
create temporary table wanted (
    agency_code text, source_name text, person_id_agency text, learner_key uuid, stated_learner_key uuid, method text,
    rule_version text, score_bits double precision
) on commit drop;
create temporary table asked (
    agency_code text, source_name text, person_id_agency text, learner_key uuid, other_learner_key uuid, why text,
    weight_bits double precision, evidence jsonb
) on commit drop
"""
# a link through a merged learner is the same link; a score that moves a little with the crowd is no news
_DIFFERENCES = """
create index on wanted (agency_code, source_name, person_id_agency);
analyze wanted;
create temporary table met on commit drop as
select l.link_id, w.agency_code, w.source_name, w.person_id_agency
from wanted as w
inner join persons.link as l
    on l.superseded_at is null
    and w.agency_code = l.agency_code and w.source_name = l.source_name and w.person_id_agency = l.person_id_agency
    and w.method = l.method and w.rule_version = l.rule_version
    and w.stated_learner_key is not distinct from l.stated_learner_key
left join persons.alias as a on a.superseded_at is null and l.learner_key = a.learner_key
left join persons.alias as b on b.superseded_at is null and w.learner_key = b.learner_key
where coalesce(a.into_learner_key, l.learner_key) = coalesce(b.into_learner_key, w.learner_key);
create temporary table leaving on commit drop as
select l.link_id, l.method from persons.link as l
where l.superseded_at is null and not exists (select from met where met.link_id = l.link_id);
create temporary table arriving on commit drop as
select * from wanted as w where not exists (
    select from met
    where met.agency_code = w.agency_code and met.source_name = w.source_name
        and met.person_id_agency = w.person_id_agency
);
create temporary table opening on commit drop as
select distinct on (agency_code, source_name, person_id_agency, learner_key) * from asked
order by agency_code, source_name, person_id_agency, learner_key, why;
create temporary table closing on commit drop as
select c.candidate_id from persons.candidate as c
where c.status = 'open' and not exists (
    select from opening as o
    where o.agency_code = c.agency_code and o.source_name = c.source_name
        and o.person_id_agency = c.person_id_agency and o.learner_key = c.learner_key and o.why = c.why
);
delete from opening as o using persons.candidate as c
where c.status = 'open' and o.agency_code = c.agency_code and o.source_name = c.source_name
    and o.person_id_agency = c.person_id_agency and o.learner_key = c.learner_key and o.why = c.why
"""
_COUNTED = """
select
    (select count(*) from arriving), (select count(*) from leaving),
    (select count(*) from opening), (select count(*) from closing),
    exists (select from arriving where method <> 'exact_person_key')
        or exists (select from leaving where method <> 'exact_person_key')
"""
_RUN = """
insert into persons.run (model_version, started_at, statements, recorded, superseded, opened, closed, released_seq,
    seen_seq)
values (%(model_version)s, %(started_at)s, %(statements)s, %(recorded)s, %(superseded)s, %(opened)s, %(closed)s,
    %(released_seq)s, %(seen_seq)s)
returning run_id
"""
_SUPERSEDE = """
update persons.link as l
set superseded_at = now(), superseded_seq = case when l.method <> 'exact_person_key' then %(seq)s::bigint end
from leaving where l.link_id = leaving.link_id
"""
_RECORD = """
insert into persons.link (agency_code, source_name, person_id_agency, learner_key, stated_learner_key, method,
    rule_version, score_bits, released_seq, run_id, decision_id, decided_by, reason)
select
    w.agency_code, w.source_name, w.person_id_agency, w.learner_key, w.stated_learner_key, w.method, w.rule_version,
    w.score_bits, case when w.method <> 'exact_person_key' then %(seq)s::bigint end, %(run)s, d.decision_id,
    d.decided_by, d.reason
from arriving as w
left join lateral (
    select decision_id, decided_by, reason from persons.decision as d
    where w.rule_version = 'decision' and d.undone_at is null and d.agency_code = w.agency_code
        and d.source_name = w.source_name and d.person_id_agency = w.person_id_agency
    order by d.decision_id desc
    limit 1
) as d on true
"""
_CLOSE = """
update persons.candidate as c
set status = 'closed', decided_at = now(), decided_by = session_user, reason = 'no longer in question'
from closing where c.candidate_id = closing.candidate_id
"""
_OPEN = """
insert into persons.candidate (agency_code, source_name, person_id_agency, learner_key, other_learner_key, why,
    weight_bits, evidence, run_id, model_version)
select agency_code, source_name, person_id_agency, learner_key, other_learner_key, why, weight_bits, evidence, %(run)s,
    %(version)s
from opening
"""
