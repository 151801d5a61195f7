"""Two learners who are one person, as data: what was merged, whom each stands for at last, and the way back.

Links keep the learner they were made to; who stands for whom is kept beside them. So a merge moves no link, and an
unmerge finds both lives as they were.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from expectations.decisions import trail
from expectations.decisions.people import Actor
from linkage.store import in_order
from pipeline.db import Connection
from pipeline.errors import BadInput
from pipeline.released_seq import next_released_seq


def join(
    connection: Connection,
    learner: uuid.UUID,
    into: uuid.UUID,
    actor: Actor,
    reason: str,
    candidate: int | None,
) -> str:
    """Make one learner of two."""
    for key in (learner, into):
        known(connection, key)
    merged = _merged(connection)
    if learner in merged:
        raise BadInput(f"{learner} is merged into {merged[learner]} already", advice="Unmerge it first, or name that.")
    if _root(merged, into) == learner or learner == into:
        raise BadInput(f"{learner} and {into} are one learner already", advice="Look with ./flyover persons show.")
    _undo_apart(connection, learner, into, actor)
    _note(connection, "merge", learner, into, actor, reason, candidate)
    _bring_aliases_up(connection)
    return f"{learner} is {into} from now on; the warehouse takes it in at its next build"


def part(connection: Connection, learner: uuid.UUID, actor: Actor, reason: str) -> str:
    """Take the merge of a learner into another back."""
    undone = connection.execute(
        "update persons.decision set undone_at = now(), undone_by = %s, undone_reason = %s "
        "where kind = 'merge' and undone_at is null and learner_key = %s returning other_learner_key",
        (actor.name, reason, learner),
    ).fetchone()
    if undone is None:
        raise BadInput(f"{learner} is merged into nobody", advice="./flyover persons history says what was merged.")
    trail.note(connection, actor, "persons.unmerge", f"learner {learner}", {"from": undone[0], "reason": reason})
    _bring_aliases_up(connection)
    return f"{learner} and {undone[0]} are two again, each as before; the next ./flyover persons link looks at both"


def keep_apart(
    connection: Connection,
    learner: uuid.UUID,
    other: uuid.UUID,
    actor: Actor,
    reason: str,
    candidate: int | None,
) -> str:
    """Say that two learners are two persons, so that nobody is asked again."""
    _undo_apart(connection, learner, other, actor)
    _note(connection, "different", *in_order(learner, other), actor, reason, candidate)
    return f"{learner} and {other} stay two persons"


def root(connection: Connection, learner: uuid.UUID) -> uuid.UUID:
    """Whom a learner stands for."""
    found = connection.execute(
        "select into_learner_key from persons.alias where superseded_at is null and learner_key = %s", (learner,)
    ).fetchone()
    return found[0] if found else learner


def known(connection: Connection, learner: uuid.UUID) -> None:
    """Make sure that there is such a learner.

    :raises BadInput: when nobody is known by that key
    """
    found = connection.execute(
        "select from intermediate.int_persons__resolved where base_learner_key = %(key)s or learner_key = %(key)s "
        "limit 1",
        {"key": learner},
    ).fetchone()
    if found is None:
        raise BadInput(f"no learner {learner}", advice="Keys of learners stand in core.dim_learner.")


def _merged(connection: Connection) -> Mapping[uuid.UUID, uuid.UUID]:
    found = connection.execute(
        "select learner_key, other_learner_key from persons.decision where kind = 'merge' and undone_at is null"
    )
    return dict(found.fetchall())


def _root(merged: Mapping[uuid.UUID, uuid.UUID], learner: uuid.UUID) -> uuid.UUID:
    while learner in merged:  # no circle: a merge into one of one's own is refused
        learner = merged[learner]
    return learner


def _bring_aliases_up(connection: Connection) -> None:
    """Let every merged learner stand for the last of its chain; what is so already stays."""
    merged = _merged(connection)
    wanted = [(key, _root(merged, key)) for key in merged]
    keys, roots = [key for key, _ in wanted], [root for _, root in wanted]
    connection.execute(
        _ALIASES,
        {"seq": next_released_seq(connection), "keys": keys, "roots": roots},
    )
    connection.execute(_NEW_ALIASES, {"seq": next_released_seq(connection), "keys": keys, "roots": roots})


def _undo_apart(connection: Connection, learner: uuid.UUID, other: uuid.UUID, actor: Actor) -> None:
    connection.execute(
        "update persons.decision set undone_at = now(), undone_by = %s, undone_reason = 'decided anew' "
        "where undone_at is null and kind = 'different' and (learner_key, other_learner_key) = (%s, %s)",
        (actor.name, *in_order(learner, other)),
    )


def _note(
    connection: Connection,
    kind: str,
    learner: uuid.UUID,
    other: uuid.UUID,
    actor: Actor,
    reason: str,
    candidate: int | None,
) -> None:
    connection.execute(
        "insert into persons.decision (kind, learner_key, other_learner_key, candidate_id, decided_by, reason) "
        "values (%s, %s, %s, %s, %s, %s)",
        (kind, learner, other, candidate, actor.name, reason),
    )
    detail = {"other": other, "candidate": candidate, "reason": reason}
    trail.note(connection, actor, f"persons.{kind}", f"learner {learner}", detail)


_ALIASES = """
update persons.alias as a
set superseded_at = now(), superseded_seq = %(seq)s
where a.superseded_at is null
    and (a.learner_key, a.into_learner_key) not in (select * from unnest(%(keys)s::uuid[], %(roots)s::uuid[]))
"""
_NEW_ALIASES = """
insert into persons.alias (learner_key, into_learner_key, released_seq, decision_id)
select w.learner_key, w.into_learner_key, %(seq)s, d.decision_id
from unnest(%(keys)s::uuid[], %(roots)s::uuid[]) as w (learner_key, into_learner_key)
inner join persons.decision as d
    on d.kind = 'merge' and d.undone_at is null and w.learner_key = d.learner_key
where not exists (
    select from persons.alias as a where a.superseded_at is null and a.learner_key = w.learner_key
)
"""
