"""Replay: corrected rows of one batch go through the same door again, as a delivery of their own.

What was mended goes with its corrected payload; where a *rule* was wrong and the data right, the rows it kept back go
as they are. The entries close, pointing at the new batch; the first batch's books never change. A correction that
the agency has overtaken meanwhile is closed without being sent.
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors import outbox
from connectors.delivery import Delivery
from connectors.mending import MendedRow
from expectations.decisions import decide, sealed_rows
from expectations.decisions.decide import Act
from expectations.decisions.people import Actor, require
from expectations.decisions.selection import Selection, require_reach, where
from expectations.judging.gx import ROLE
from pipeline import envelope, names
from pipeline.db import SQL, Connection, Identifier, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings

REPLAY = Act("replay", ("open", "mended", "returned"), "closed")
_CAN_GO = (
    "(q.status = 'mended' or (q.status in ('open', 'returned') and q.stage = 'rule' "
    "and q.rule_ids = array[%(as_is)s]::text[]))"
)


class NothingMended(BadInput):
    """There is nothing to send again."""


@dataclass(frozen=True)
class Replay:
    """What a replay staged; publish it like any delivery."""

    delivery: Delivery
    batch_id: uuid.UUID | None
    """None when the agency has overtaken every correction"""
    rows: int
    superseded: int


def replay(
    settings: Settings,
    batch_id: uuid.UUID,
    *,
    actor: Actor,
    reason: str,
    rule: str | None = None,
    selection: Selection | None = None,
) -> Replay:
    """Stage the mended rows of a batch and, with ``rule``, those that this rule alone keeps in quarantine.

    Of a ``selection`` only what fits it goes. Interrupted anywhere, it may simply be called again: the same rows are
    one delivery. The rows are locked from before they are read until they are closed, so that of two who replay at
    once the second finds nothing to do.

    :raises BadInput: when there is no such batch, or nothing of it to replay
    :raises NotAllowed: when the actor is no officer of the batch's agency
    """
    meant = dataclasses.replace(selection or Selection(), batch=batch_id, status=None)
    with connect(settings, ROLE) as connection:
        agency_code, source, entity = _batch(connection, batch_id)
        require(actor, "officer", agency_code)
        table = names.table(source, entity)
        decide.choose(connection, meant, actor)
        decide.lock(connection, REPLAY, meant)
        waiting = _waiting(connection, table, batch_id, rule)
        rows = {entry["quarantine_id"]: _mended_row(settings, table, entry) for entry in waiting}
        if not rows:
            raise NothingMended(
                f"nothing of batch {batch_id} is mended", agency=agency_code, advice="Mend its rows first."
            )
        delivery = outbox.stage_replay(settings, agency_code, source, entity, list(rows.values()), batch_id)
        fresh = envelope.batch_id(delivery.delivery_id, entity) if delivery.batches else None
        _only(connection, list(rows))
        decide.carry_out(connection, REPLAY, meant, actor=actor, reason=reason)
        connection.execute(
            "update quarantine.entry set identifiers = null, "
            "replay_batch_id = case when record_id = any(%s) then null else %s::uuid end "
            "where entity_table = %s and quarantine_id = any(%s)",
            (list(delivery.superseded), fresh, table, list(rows)),
        )
    return Replay(delivery, fresh, sum(b.expected_rows for b in delivery.batches), len(delivery.superseded))


def replay_all(
    settings: Settings,
    selection: Selection,
    *,
    actor: Actor,
    reason: str,
    rule: str | None = None,
    progress: Callable[[Replay], None] = lambda replayed: None,
) -> list[Replay]:
    """Stage what is mended of a selection, each batch as a delivery of its own; safe to repeat when interrupted.

    :raises NotAllowed: when the actor is no officer, or rows of another agency are named
    """
    meant = dataclasses.replace(selection, status=None)
    with connect(settings, ROLE) as connection:
        require(actor, "officer")
        require_reach(connection, meant, actor)
        condition, parameters = where(meant, actor)
        found = connection.execute(
            SQL("select q.batch_id from quarantine.entry as q where {} and {} group by q.batch_id order by 1").format(
                condition, SQL(_CAN_GO)
            ),
            {**parameters, "as_is": rule},
        ).fetchall()
    replays = []
    for (batch_id,) in found:
        try:
            done = replay(settings, batch_id, actor=actor, reason=reason, rule=rule, selection=meant)
        except NothingMended:
            continue  # someone else has replayed it meanwhile
        replays.append(done)
        progress(done)
    return replays


def _batch(connection: Connection, batch_id: uuid.UUID) -> tuple[str, str, str]:
    row = connection.execute(
        "select agency_code, source, entity from quality.batch where batch_id = %s", (batch_id,)
    ).fetchone()
    if row is None:
        raise BadInput(f"there is no batch {batch_id}", advice="See ./flyover batches")
    return row[0], row[1], row[2]


def _waiting(connection: Connection, table: str, batch_id: uuid.UUID, rule: str | None) -> list[dict[str, Any]]:
    """Locked entries to send, in the order of the manifest, with what the landing row knows of the person."""
    statement = SQL(
        "select q.quarantine_id, q.record_id, q.version, q.stage, q.sealed, q.identifiers, "
        "case q.status when 'mended' then coalesce(q.mended, q.payload) else q.payload end as payload, "
        "l._person_key as person_key, l._id_status as id_status, l._source_modified_at as modified_at "
        "from locked as c inner join quarantine.{table} as q on q.quarantine_id = c.quarantine_id "
        "left join landing.{table} as l on l._batch_id = %(batch)s and l._row_id = q.row_id "
        "where q.batch_id = %(batch)s and {can_go} order by q.batch_seq"
    ).format(table=Identifier(table), can_go=SQL(_CAN_GO))
    # Statistics know nothing of rows mended a moment ago: the planner would loop over the batch for each of them.
    connection.execute("set local enable_nestloop = off")
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(statement, {"as_is": rule, "batch": batch_id}).fetchall()
    connection.execute("set local enable_nestloop = on")
    return found


def _only(connection: Connection, entries: list[int]) -> None:
    """Let nothing be closed but what was sent."""
    connection.execute("delete from locked where quarantine_id <> all(%s)", (entries,))


def _mended_row(settings: Settings, table: str, entry: Mapping[str, Any]) -> MendedRow:
    row = MendedRow(
        record_id=entry["record_id"] or "",
        data=json.dumps(entry["payload"], ensure_ascii=False).encode(),
        version=entry["version"] or 0,
        person_key=entry["person_key"],
        id_status=entry["id_status"],
        modified_at=entry["modified_at"],
        identifiers=sealed_rows.identifiers(settings, table, entry["quarantine_id"], entry["identifiers"]),
    )
    if entry["stage"] != "decode" or (event := sealed_rows.event(settings, table, entry["sealed"])) is None:
        return row
    return replace(row, person_key=event.personkey, id_status=event.idstatus, modified_at=event.modified)
