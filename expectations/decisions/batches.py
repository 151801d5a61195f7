"""Decisions about whole batches: release or refuse one that is held, withdraw one that was released.

Every decision takes a reason and who made it, and is kept in ``audit.entry`` in the same transaction. Only the
books of that batch move, and they go on balancing. A withdrawal takes a new ``released_seq``, so that incremental
models notice that the batch's rows are gone.
"""

from __future__ import annotations

import uuid

from expectations.decisions.people import Actor, require
from expectations.decisions.trail import note
from expectations.judging.gx import ROLE
from expectations.judging.settle import next_released_seq
from pipeline.db import SQL, Identifier, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings


def release(settings: Settings, batch_id: uuid.UUID, *, reason: str, actor: Actor) -> None:
    """Release a held batch: its held rows become visible; what is in quarantine stays there.

    :raises BadInput: when there is no such batch or it is not held
    """
    _decide(settings, batch_id, "held", "released", "held", "released", reason, actor)


def refuse(settings: Settings, batch_id: uuid.UUID, *, reason: str, actor: Actor) -> None:
    """Refuse a held batch: none of its rows is ever used. What the agency sends next counts as new.

    :raises BadInput: when there is no such batch or it is not held
    """
    _decide(settings, batch_id, "held", "refused", "held", "refused", reason, actor)


def withdraw(settings: Settings, batch_id: uuid.UUID, *, reason: str, actor: Actor) -> None:
    """Take a released batch back: its rows leave the warehouse with the next build.

    :raises BadInput: when there is no such batch or it is not released
    """
    _decide(settings, batch_id, "released", "refused", "released", "refused", reason, actor)


def _decide(
    settings: Settings,
    batch_id: uuid.UUID,
    before: str,
    after: str,
    from_column: str,
    to_column: str,
    reason: str,
    actor: Actor,
) -> None:
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select status, agency_code, source || '.' || entity, released_seq is not null from quality.batch "
            "where batch_id = %s for update",
            (batch_id,),
        ).fetchone()
        if found is None:
            raise BadInput(f"there is no batch {batch_id}", advice="See ./flyover batches")
        status, agency_code, name, was_released = found
        require(actor, "officer", agency_code)
        if status != before:
            raise BadInput(f"batch {batch_id} of {name} is {status}, not {before}", agency=agency_code)
        moved = SQL(
            "update quality.batch set status = %(after)s, {to} = {source}, {source} = 0, decided_at = now(), "
            "decided_by = %(actor)s, decision_reason = %(reason)s where batch_id = %(batch)s"
        ).format(to=Identifier(to_column), source=Identifier(from_column))
        connection.execute(moved, {"after": after, "actor": actor.name, "reason": reason, "batch": batch_id})
        note(connection, actor, f"batch {before} to {after}", str(batch_id), {"reason": reason})
        if after == "released" or was_released:
            connection.execute(
                "update quality.batch set released_seq = %s where batch_id = %s",
                (next_released_seq(connection), batch_id),
            )
