"""Decisions about whole batches: release or refuse one that is held, withdraw one that was released.

Every decision takes a reason and who made it, and is kept in ``audit.entry`` in the same transaction. Only the
books of that batch move, and they go on balancing. A withdrawal takes a new ``released_seq``, so that incremental
models notice that the batch's rows are gone.
"""

from __future__ import annotations

import datetime as dt
import uuid

from expectations.decisions import waivers
from expectations.decisions.days import today
from expectations.decisions.evidence import Evidence, evidence
from expectations.decisions.people import Actor, require
from expectations.decisions.trail import note
from expectations.judging.gx import ROLE
from pipeline import names
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.errors import BadInput
from pipeline.released_seq import next_released_seq
from pipeline.settings import Settings

__all__ = ["Evidence", "evidence", "refuse", "release", "release_with_waiver", "withdraw"]


def release(settings: Settings, batch_id: uuid.UUID, *, reason: str, actor: Actor) -> None:
    """Release a held batch: its held rows become visible; what is in quarantine stays there.

    :raises BadInput: when there is no such batch or it is not held
    :raises NotAllowed: when the actor is no officer of its agency
    """
    with connect(settings, ROLE) as connection:
        _require(connection, batch_id, "held", actor)
        _move(connection, batch_id, "held", "released", reason, actor)


def release_with_waiver(
    settings: Settings, batch_id: uuid.UUID, *, reason: str, expires_on: dt.date, actor: Actor
) -> tuple[str, ...]:
    """Release a held batch, and waive what held it to the end of the day ``expires_on``; the rules waived.

    :raises BadInput: when there is no such batch, it is not held, or the day has passed
    :raises NotAllowed: when the actor is no officer of its agency
    """
    if expires_on < today():
        raise BadInput(f"a waiver to {expires_on} would have ended already", advice="Give a day to come.")
    with connect(settings, ROLE) as connection:
        agency_code, table = _require(connection, batch_id, "held", actor)
        rules = _holding(connection, batch_id)
        waivers.grant(
            connection, batch_id, agency_code, table, rules, reason=reason, expires_on=expires_on, actor=actor
        )
        _move(connection, batch_id, "held", "released", reason, actor)
    return rules


def refuse(settings: Settings, batch_id: uuid.UUID, *, reason: str, actor: Actor) -> None:
    """Refuse a held batch: none of its rows is ever used. What the agency sends next counts as new.

    :raises BadInput: when there is no such batch or it is not held
    :raises NotAllowed: when the actor is no officer of its agency
    """
    with connect(settings, ROLE) as connection:
        _require(connection, batch_id, "held", actor)
        _move(connection, batch_id, "held", "refused", reason, actor)


def withdraw(settings: Settings, batch_id: uuid.UUID, *, reason: str, actor: Actor) -> None:
    """Take a released batch back: its rows leave the warehouse with the next build.

    :raises BadInput: when there is no such batch or it is not released
    :raises NotAllowed: when the actor is no officer of its agency
    """
    with connect(settings, ROLE) as connection:
        _require(connection, batch_id, "released", actor)
        _move(connection, batch_id, "released", "refused", reason, actor)


def _require(connection: Connection, batch_id: uuid.UUID, status: str, actor: Actor) -> tuple[str, str]:
    """Lock the batch as it must be; (agency, table). Who comes second is told who was first."""
    found = connection.execute(
        "select status, agency_code, source, entity, decided_by from quality.batch where batch_id = %s for update",
        (batch_id,),
    ).fetchone()
    if found is None:
        raise BadInput(f"there is no batch {batch_id}", advice="See ./flyover batches")
    now, agency_code, source, entity, decided_by = found
    require(actor, "officer", agency_code)
    if now != status:
        by = f" by {decided_by}" if decided_by else ""
        raise BadInput(f"batch {batch_id} of {source}.{entity} is {now}{by}, not {status}", agency=agency_code)
    return agency_code, names.table(source, entity)


def _holding(connection: Connection, batch_id: uuid.UUID) -> tuple[str, ...]:
    found = connection.execute(
        "select rule_id from quality.rule_result where batch_id = %s and not passed and scope = 'table' "
        "and severity = 'critical' order by rule_id",
        (batch_id,),
    )
    return tuple(rule_id for (rule_id,) in found)


def _move(connection: Connection, batch_id: uuid.UUID, before: str, after: str, reason: str, actor: Actor) -> None:
    moved = SQL(
        "update quality.batch set status = %(after)s, {to} = {source}, {source} = 0, decided_at = now(), "
        "decided_by = %(actor)s, decision_reason = %(reason)s where batch_id = %(batch)s"
    ).format(to=Identifier(after), source=Identifier(before))
    connection.execute(moved, {"after": after, "actor": actor.name, "reason": reason, "batch": batch_id})
    note(connection, actor, f"batch {before} to {after}", str(batch_id), {"reason": reason})
    if "released" in (before, after):
        connection.execute(
            "update quality.batch set released_seq = %s where batch_id = %s",
            (next_released_seq(connection), batch_id),
        )
