"""Waivers of rules: to the end of a day, a failure of that rule about that agency's table holds no batch back.

A waiver is granted with the release of a held batch (:func:`expectations.decisions.batches.release_with_waiver`). The
failure is still recorded with every batch, marked as waived. It lapses on its day, or someone ends it; what it let
through stays released.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from expectations.decisions.people import HOUSE, Actor, require
from expectations.decisions.trail import note
from expectations.judging.gx import ROLE
from pipeline.db import SQL, Connection, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings

_COLUMNS = (
    "waiver_id, rule_id, agency_code, entity_table, batch_id, reason, granted_by, granted_at, expires_on, ended_at, "
    "ended_by, end_reason"
)


@dataclass(frozen=True)
class Waiver:
    """A rule that an agency's table need not keep for a while."""

    waiver_id: int
    rule_id: str
    agency_code: str
    entity_table: str
    batch_id: uuid.UUID
    """the held batch it was granted for"""
    reason: str
    granted_by: str
    granted_at: dt.datetime
    expires_on: dt.date
    """its last day"""
    ended_at: dt.datetime | None
    ended_by: str | None
    end_reason: str | None


def list_waivers(settings: Settings, *, actor: Actor, ended: bool = False, agency: str | None = None) -> list[Waiver]:
    """Waivers in force, those that end first before the others; with ``ended`` all there ever were.

    :raises NotAllowed: when another agency is named than the actor's
    """
    require(actor, "viewer", agency)
    agencies = [agency] if agency is not None else None if actor.agencies is None else sorted(actor.agencies)
    statement = SQL(
        "select {} from quality.waiver where (%(ended)s or ended_at is null) "
        "and (%(agencies)s::text[] is null or agency_code = any(%(agencies)s)) order by expires_on, waiver_id"
    ).format(SQL(_COLUMNS))
    with connect(settings, ROLE) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return [Waiver(**row) for row in cursor.execute(statement, {"ended": ended, "agencies": agencies})]


def grant(
    connection: Connection,
    batch_id: uuid.UUID,
    agency_code: str,
    entity_table: str,
    rules: Collection[str],
    *,
    reason: str,
    expires_on: dt.date,
    actor: Actor,
) -> None:
    """Waive rules in the transaction that releases the batch; a waiver already in force is replaced."""
    about = {"agency": agency_code, "table": entity_table, "rules": sorted(rules)}
    connection.execute(
        "update quality.waiver set ended_at = now(), ended_by = %(actor)s, end_reason = 'granted anew' "
        "where ended_at is null and agency_code = %(agency)s and entity_table = %(table)s and rule_id = any(%(rules)s)",
        {**about, "actor": actor.name},
    )
    connection.execute(
        "insert into quality.waiver (rule_id, agency_code, entity_table, batch_id, reason, granted_by, expires_on) "
        "select rule_id, %(agency)s, %(table)s, %(batch)s, %(reason)s, %(actor)s, %(until)s "
        "from unnest(%(rules)s::text[]) as rule_id",
        {**about, "batch": batch_id, "reason": reason, "actor": actor.name, "until": expires_on},
    )
    connection.execute(
        "update quality.rule_result set waived = true where batch_id = %s and rule_id = any(%s) and not passed",
        (batch_id, about["rules"]),
    )
    note(connection, actor, "waiver granted", str(batch_id), {**about, "reason": reason, "until": expires_on})


def end(settings: Settings, waiver_id: int, *, reason: str, actor: Actor) -> Waiver:
    """End a waiver before its day; the next batch that fails the rule is held again.

    :raises BadInput: when there is no such waiver, or it has ended
    :raises NotAllowed: when the actor is no officer of its agency
    """
    with connect(settings, ROLE) as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            SQL("select {} from quality.waiver where waiver_id = %s for update").format(SQL(_COLUMNS)), (waiver_id,)
        ).fetchone()
        if row is None:
            raise BadInput(f"there is no waiver {waiver_id}", advice="See ./flyover waivers")
        waiver = Waiver(**row)
        require(actor, "officer", waiver.agency_code)
        if waiver.ended_at is not None:
            raise BadInput(f"waiver {waiver_id} was ended by {waiver.ended_by} on {waiver.ended_at:%Y-%m-%d}")
        cursor.execute(
            SQL(
                "update quality.waiver set ended_at = now(), ended_by = %s, end_reason = %s where waiver_id = %s "
                "returning {}"
            ).format(SQL(_COLUMNS)),
            (actor.name, reason, waiver_id),
        )
        ended = cursor.fetchone()
        assert ended is not None  # noqa: S101 - the row is locked by this transaction
        note(connection, actor, "waiver ended", str(waiver_id), {"rule": waiver.rule_id, "reason": reason})
    return Waiver(**ended)


def lapse(settings: Settings, on: dt.date) -> int:
    """End what was granted to a day before ``on``; how many waivers. Safe to repeat."""
    with connect(settings, ROLE) as connection:
        ended = connection.execute(
            "update quality.waiver set ended_at = now(), ended_by = %s, end_reason = 'its day has passed' "
            "where ended_at is null and expires_on < %s returning waiver_id",
            (HOUSE.name, on),
        ).fetchall()
        if ended:
            note(connection, HOUSE, "waivers lapsed", on.isoformat(), {"waivers": [number for (number,) in ended]})
    return len(ended)
