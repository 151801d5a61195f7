"""What people decide about who is whom. Each decision holds at once, outlives every run and model, and can be undone.

One transaction each: the decision, the links it changes, the candidates it answers, the trail. The warehouse takes a
decision in at its next build.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Literal, TypeVar

from expectations.decisions import trail
from expectations.decisions.people import Actor, require
from linkage import merges
from linkage.keys import SourcePerson, of_record
from linkage.run import ID_RULE, ROLE, WORD_RULE
from pipeline import locks
from pipeline.db import Connection, connect, patiently
from pipeline.errors import BadInput
from pipeline.released_seq import next_released_seq
from pipeline.settings import Settings

Answer = Literal["same", "different"]
Result = TypeVar("Result")


def answer(settings: Settings, candidate_id: int, said: Answer, *, actor: Actor, reason: str) -> str:
    """Answer a question of the review queue; what was done, in words.

    :raises BadInput: when there is no such open question, or no reason is given
    """

    def work(connection: Connection) -> str:
        found = connection.execute(
            "select agency_code, source_name, person_id_agency, learner_key, other_learner_key from persons.candidate "
            "where candidate_id = %s and status = 'open' for update",
            (candidate_id,),
        ).fetchone()
        if found is None:
            raise BadInput(f"no open question {candidate_id}", advice="See ./flyover persons review.")
        person, learner, other = SourcePerson(*found[:3]), found[3], found[4]
        require(actor, "officer", person.agency_code)
        if other is not None:
            told = (
                merges.join(connection, other, learner, actor, reason, candidate_id)
                if said == "same"
                else merges.keep_apart(connection, other, learner, actor, reason, candidate_id)
            )
        elif said == "same":
            told = _is(connection, person, learner, actor, reason, candidate_id)
        else:
            told = _is_not(connection, person, learner, actor, reason, candidate_id)
        connection.execute(
            "update persons.candidate set status = %s, decided_by = %s, decided_at = now(), reason = %s "
            "where candidate_id = %s and status = 'open'",
            (said, actor.name, reason, candidate_id),
        )
        return told

    return _decide(settings, reason, work)


def same(settings: Settings, person: SourcePerson, learner: uuid.UUID, *, actor: Actor, reason: str) -> str:
    """Say that a record is a learner's, whatever its id and the model say."""
    require(actor, "officer", person.agency_code)
    return _decide(settings, reason, lambda c: _is(c, person, learner, actor, reason, None))


def different(settings: Settings, person: SourcePerson, learner: uuid.UUID, *, actor: Actor, reason: str) -> str:
    """Say that a record is not a learner's; linked so, it stands alone until the next run finds another."""
    require(actor, "officer", person.agency_code)
    return _decide(settings, reason, lambda c: _is_not(c, person, learner, actor, reason, None))


def merge(settings: Settings, learner: uuid.UUID, into: uuid.UUID, *, actor: Actor, reason: str) -> str:
    """Say that two learners are one person; all that is ``learner``'s is ``into``'s until somebody unmerges them."""
    require(actor, "officer")
    return _decide(settings, reason, lambda c: merges.join(c, learner, into, actor, reason, None))


def unmerge(settings: Settings, learner: uuid.UUID, *, actor: Actor, reason: str) -> str:
    """Take a merge back; both lives are as they were before."""
    require(actor, "officer")
    return _decide(settings, reason, lambda c: merges.part(c, learner, actor, reason))


def _decide(settings: Settings, reason: str, work: Callable[[Connection], Result]) -> Result:
    if not reason.strip():
        raise BadInput("no reason is given", advice="Say why with --reason; it is kept with the decision.")

    def whole() -> Result:
        with connect(settings, ROLE) as connection:
            connection.execute("select pg_advisory_xact_lock(%s)", (locks.LINKAGE,))
            return work(connection)

    return patiently(whole)


def _is(
    connection: Connection, person: SourcePerson, learner: uuid.UUID, actor: Actor, reason: str, candidate: int | None
) -> str:
    stated = _stated(connection, person)
    merges.known(connection, learner)
    _undo(connection, person, actor, learner, every_same=True)
    decision = _note(connection, "same", person, learner, actor, reason, candidate)
    _supersede(connection, person)
    _record(connection, person, learner, stated, "review", (decision, actor.name, reason))
    connection.execute(
        "update persons.candidate set status = case when learner_key = %(learner)s then 'same' else 'closed' end, "
        "decided_by = %(by)s, decided_at = now(), reason = %(reason)s where status = 'open' "
        "and other_learner_key is null and (agency_code, source_name, person_id_agency) = (%(a)s, %(s)s, %(p)s)",
        {"learner": learner, "by": actor.name, "reason": reason, "a": person[0], "s": person[1], "p": person[2]},
    )
    return f"{person.shown} is {learner}; the warehouse takes it in at its next build"


def _is_not(
    connection: Connection, person: SourcePerson, learner: uuid.UUID, actor: Actor, reason: str, candidate: int | None
) -> str:
    stated = _stated(connection, person)
    _undo(connection, person, actor, learner)
    decision = _note(connection, "different", person, learner, actor, reason, candidate)
    connection.execute(
        "update persons.candidate set status = 'different', decided_by = %s, decided_at = now(), reason = %s "
        "where status = 'open' and (agency_code, source_name, person_id_agency, learner_key) = (%s, %s, %s, %s)",
        (actor.name, reason, *person, learner),
    )
    root = merges.root(connection, learner)
    linked = connection.execute(
        "select learner_key from persons.link where superseded_at is null "
        "and (agency_code, source_name, person_id_agency) = (%s, %s, %s)",
        person,
    ).fetchone()
    now = linked[0] if linked else stated
    if now is None or merges.root(connection, now) != root:
        return f"{person.shown} is not {learner}, and was not linked so"
    _supersede(connection, person)
    if stated is not None and merges.root(connection, stated) == root:
        told = (decision, actor.name, reason)
        _record(connection, person, of_record(person), stated, "set_apart", told)
    elif stated is not None:
        _record(connection, person, stated, stated, "exact_person_key", None)
    return f"{person.shown} is not {learner}: it stands alone until the next ./flyover persons link"


def _stated(connection: Connection, person: SourcePerson) -> uuid.UUID | None:
    found = connection.execute(
        "select stated_learner_key from intermediate.int_persons__resolved "
        "where (agency_code, source_name, person_id_agency) = (%s, %s, %s)",
        person,
    ).fetchone()
    if found is None:
        raise BadInput(f"nobody is known as {person.shown}", advice="Write AGENCY:SOURCE:ID as review shows it.")
    key: uuid.UUID | None = found[0]
    return key


def _undo(
    connection: Connection, person: SourcePerson, actor: Actor, learner: uuid.UUID, *, every_same: bool = False
) -> None:
    """Take back what was said of a record and a learner before, or of the record and whomever it was said to be."""
    connection.execute(
        "update persons.decision set undone_at = now(), undone_by = %(by)s, undone_reason = 'decided anew' "
        "where undone_at is null and (learner_key = %(learner)s or (%(every_same)s and kind = 'same')) "
        "and (agency_code, source_name, person_id_agency) = (%(a)s, %(s)s, %(p)s)",
        {"by": actor.name, "learner": learner, "every_same": every_same, "a": person[0], "s": person[1],
         "p": person[2]},
    )  # fmt: skip


def _note(
    connection: Connection,
    kind: Answer,
    person: SourcePerson,
    learner: uuid.UUID,
    actor: Actor,
    reason: str,
    candidate: int | None,
) -> int:
    row = connection.execute(
        "insert into persons.decision (kind, agency_code, source_name, person_id_agency, learner_key, candidate_id, "
        "decided_by, reason) values (%s, %s, %s, %s, %s, %s, %s, %s) returning decision_id",
        (kind, *person, learner, candidate, actor.name, reason),
    ).fetchone()
    detail = {"learner": learner, "candidate": candidate, "reason": reason}
    trail.note(connection, actor, f"persons.{kind}", f"person {person.shown}", detail)
    return int(row[0]) if row else 0


def _supersede(connection: Connection, person: SourcePerson) -> None:
    connection.execute(
        "update persons.link set superseded_at = now(), superseded_seq = case when method <> 'exact_person_key' "
        "then %s::bigint end where superseded_at is null "
        "and (agency_code, source_name, person_id_agency) = (%s, %s, %s)",
        (next_released_seq(connection), *person),
    )


def _record(
    connection: Connection,
    person: SourcePerson,
    learner: uuid.UUID,
    stated: uuid.UUID | None,
    method: str,
    told: tuple[int, str, str] | None,
) -> None:
    """Write a link in force; ``told`` is the decision, by whom and why."""
    seq = next_released_seq(connection) if told else None
    connection.execute(
        "insert into persons.link (agency_code, source_name, person_id_agency, learner_key, stated_learner_key, "
        "method, rule_version, released_seq, decision_id, decided_by, reason) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (*person, learner, stated, method, WORD_RULE if told else ID_RULE, seq, *(told or (None, None, None))),
    )
