"""Replay: corrected rows of one batch go through the same door again, as a delivery of their own.

What was mended goes with its corrected payload; where a *rule* was wrong and the data right, the rows it kept back go
as they are. The entries close, pointing at the new batch; the first batch's books never change. A correction that
the agency has overtaken meanwhile is closed without being sent.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors import outbox
from connectors.delivery import Delivery
from connectors.mending import MendedRow
from expectations.decisions import sealed_rows
from expectations.decisions.batches import note
from expectations.judging.gx import ROLE
from pipeline import envelope, names
from pipeline.db import SQL, Connection, Identifier, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings


@dataclass(frozen=True)
class Replay:
    """What a replay staged; publish it like any delivery."""

    delivery: Delivery
    batch_id: uuid.UUID | None
    """None when the agency has overtaken every correction"""
    rows: int
    superseded: int


def replay(settings: Settings, batch_id: uuid.UUID, *, actor: str, reason: str, rule: str | None = None) -> Replay:
    """Stage the mended rows of a batch and, with ``rule``, those that this rule alone keeps in quarantine.

    Interrupted anywhere, it may simply be called again: the same rows are one delivery.

    :raises BadInput: when there is no such batch, or nothing of it to replay
    """
    with connect(settings, ROLE) as connection:
        agency_code, source, entity = _batch(connection, batch_id)
        table = names.table(source, entity)
        waiting = _waiting(connection, table, batch_id, rule)
        rows = {entry["quarantine_id"]: _mended_row(settings, table, entry) for entry in waiting}
    if not rows:
        raise BadInput(f"nothing of batch {batch_id} is mended", agency=agency_code, advice="Mend its rows first.")
    delivery = outbox.stage_replay(settings, agency_code, source, entity, list(rows.values()), batch_id)
    fresh = envelope.batch_id(delivery.delivery_id, entity) if delivery.batches else None
    with connect(settings, ROLE) as connection:
        connection.execute(
            "update quarantine.entry set status = 'closed', decided_by = %s, decided_at = now(), "
            "decision_reason = %s, replay_batch_id = case when record_id = any(%s) then null else %s::uuid end "
            "where quarantine_id = any(%s)",
            (actor, reason, list(delivery.superseded), fresh, list(rows)),
        )
        detail = {"reason": reason, "rule": rule, "replay_batch_id": fresh, "entries": list(rows)}
        note(connection, actor, "quarantine replay", str(batch_id), detail)
    return Replay(delivery, fresh, sum(b.expected_rows for b in delivery.batches), len(delivery.superseded))


def _batch(connection: Connection, batch_id: uuid.UUID) -> tuple[str, str, str]:
    row = connection.execute(
        "select agency_code, source, entity from quality.batch where batch_id = %s", (batch_id,)
    ).fetchone()
    if row is None:
        raise BadInput(f"there is no batch {batch_id}", advice="See ./flyover batches")
    return row[0], row[1], row[2]


def _waiting(connection: Connection, table: str, batch_id: uuid.UUID, rule: str | None) -> list[dict[str, Any]]:
    """Entries to send, in the order of the manifest, with what the landing row knows of the person."""
    statement = SQL(
        "select q.quarantine_id, q.record_id, q.version, q.stage, q.payload, q.sealed, l._person_key as person_key, "
        "l._id_status as id_status, l._source_modified_at as modified_at "
        "from quarantine.{table} as q left join landing.{table} as l on l._batch_id = q.batch_id "
        "and l._row_id = q.row_id "
        "where q.batch_id = %(batch)s and (q.status = 'mended' or (q.status in ('open', 'returned') "
        "and q.stage = 'rule' and q.rule_ids = array[%(rule)s]::text[])) order by q.batch_seq"
    ).format(table=Identifier(table))
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, {"batch": batch_id, "rule": rule}).fetchall()


def _mended_row(settings: Settings, table: str, entry: Mapping[str, Any]) -> MendedRow:
    row = MendedRow(
        record_id=entry["record_id"] or "",
        data=json.dumps(entry["payload"], ensure_ascii=False).encode(),
        version=entry["version"] or 0,
        person_key=entry["person_key"],
        id_status=entry["id_status"],
        modified_at=entry["modified_at"],
    )
    if entry["stage"] != "decode" or (event := sealed_rows.event(settings, table, entry["sealed"])) is None:
        return row
    return replace(row, person_key=event.personkey, id_status=event.idstatus, modified_at=event.modified)
