"""The quarantine queue: what waits there, and every decision a quality officer can take about a row.

::

    open ──mend──▶ mended ──replay──▶ closed          (a new batch carries the corrected row)
     │ └──waive──▶ waived ──lapses──▶ open            (the row is released as it is, until a day)
     │ └─refuse──▶ refused                            (the row is never used)
     └──return───▶ returned ──▶ mend, waive, refuse   (the agency is to send it again)

Every decision takes a reason and who made it, and is kept in ``audit.entry`` in the same transaction. The books of
the batch a row came with never change: a row that was quarantined stays counted so. A waiver and its end both take a
new ``released_seq`` on the entry: the row enters ``released.<table>``, or appears in ``released.<table>__departed``,
above the number incremental models have reached.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from connectors.mending import MendedRow, Mender
from expectations.decisions import sealed_rows
from expectations.decisions.batches import note
from expectations.decisions.replay import Replay, replay
from expectations.judging.gx import ROLE
from expectations.judging.settle import next_released_seq
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings

__all__ = [
    "Entry",
    "Replay",
    "Shown",
    "lapse_waivers",
    "list_entries",
    "mend",
    "refuse",
    "replay",
    "return_",
    "show",
    "waive",
]

Status = Literal["open", "mended", "waived", "returned", "refused", "closed"]
UNDECIDED: tuple[Status, ...] = ("open", "returned")
_COLUMNS = (
    "q.quarantine_id, q.entity_table, q.batch_id, q.agency_code, q.record_id, q.version, q.stage, q.rule_ids, "
    "q.status, q.opened_at, q.decided_by, q.decided_at, q.decision_reason, q.waiver_expires_on, q.replay_batch_id"
)


@dataclass(frozen=True)
class Entry:
    """A row in quarantine, without its content."""

    quarantine_id: int
    entity_table: str
    batch_id: uuid.UUID
    agency_code: str
    record_id: str | None
    version: int | None
    stage: Literal["parse", "decode", "rule"]
    rule_ids: list[str]
    status: Status
    opened_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_reason: str | None
    waiver_expires_on: dt.date | None
    replay_batch_id: uuid.UUID | None


@dataclass(frozen=True)
class Shown:
    """An entry with what it holds: a typed payload, or the raw text of a row that could not be read."""

    entry: Entry
    payload: Mapping[str, str | None] | None
    raw: str | None


def list_entries(
    settings: Settings,
    *,
    agency: str | None = None,
    table: str | None = None,
    rule: str | None = None,
    batch: uuid.UUID | None = None,
    status: str | None = "open",
    limit: int = 100,
) -> list[Entry]:
    """Rows in quarantine, oldest first; ``status=None`` for every state."""
    if status is not None and status not in get_args(Status):
        raise BadInput(f"there is no status {status!r}", advice=f"Use one of {', '.join(get_args(Status))}.")
    statement = SQL(
        "select {columns} from quarantine.entry as q "
        "where (%(agency)s::text is null or q.agency_code = %(agency)s) "
        "and (%(table)s::text is null or q.entity_table = %(table)s) "
        "and (%(rule)s::text is null or %(rule)s = any(q.rule_ids)) "
        "and (%(batch)s::uuid is null or q.batch_id = %(batch)s) "
        "and (%(status)s::text is null or q.status = %(status)s) "
        "order by q.opened_at, q.quarantine_id limit %(limit)s"
    ).format(columns=SQL(_COLUMNS))
    wanted = {"agency": agency, "table": table, "rule": rule, "batch": batch, "status": status, "limit": limit}
    with connect(settings, ROLE) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return [Entry(**row) for row in cursor.execute(statement, wanted)]


def show(settings: Settings, quarantine_id: int, *, actor: str) -> Shown:
    """One entry with its content. Looking is itself kept in the audit trail: raw text may name a person.

    :raises BadInput: when there is no such entry
    """
    with connect(settings, ROLE) as connection:
        entry = _entry(connection, quarantine_id)
        payload, raw = _content(settings, connection, entry)
        note(connection, actor, "quarantine show", str(quarantine_id), {"table": entry.entity_table})
    return Shown(entry, payload, raw)


def mend(
    settings: Settings, quarantine_id: int, payload: Mapping[str, str | None], *, reason: str, actor: str
) -> Entry:
    """Keep the corrected row, by the source's own field names; it travels with the next :func:`replay`.

    Fields that are not given keep the value they had.

    :raises BadInput: when the entry is decided already, a field is unknown, or the row lacks its record's key
    """
    with connect(settings, ROLE) as connection:
        entry = _decide(connection, quarantine_id, UNDECIDED, "mended", reason=reason, actor=actor)
        contract = _contract(settings, entry)
        held, _ = _content(settings, connection, entry)
        landed = {f.name for f in contract.landed_fields}
        if unknown := sorted(set(payload) - landed):
            raise BadInput(f"{contract.name} has no field {', '.join(unknown)}", agency=entry.agency_code)
        corrected = json.dumps({**(held or {}), **payload}, ensure_ascii=False)
        Mender(contract, settings.secrets).edged(MendedRow(entry.record_id or "", corrected.encode()))
        connection.execute(
            "update quarantine.entry set payload = %s where quarantine_id = %s", (corrected, quarantine_id)
        )
    return entry


def waive(settings: Settings, quarantine_id: int, *, reason: str, expires_on: dt.date, actor: str) -> Entry:
    """Release a row as it is, to the end of the day ``expires_on``.

    :raises BadInput: when the entry is decided already, could not be read, or the day has passed
    """
    if expires_on < dt.datetime.now(dt.UTC).date():
        raise BadInput(f"a waiver to {expires_on} would have ended already", advice="Give a day to come.")
    with connect(settings, ROLE) as connection:
        entry = _decide(connection, quarantine_id, UNDECIDED, "waived", reason=reason, actor=actor, until=expires_on)
        if entry.stage != "rule":
            raise BadInput(
                f"entry {quarantine_id} could not be read, so there is nothing to release",
                agency=entry.agency_code,
                advice="Mend it, or return it to the agency.",
            )
        _touch(connection, [quarantine_id])
    return entry


def return_(settings: Settings, quarantine_id: int, *, reason: str, actor: str) -> Entry:
    """Give a row back to its agency, which is to send it again; it can still be mended, waived or refused here.

    :raises BadInput: when the entry is decided already
    """
    with connect(settings, ROLE) as connection:
        return _decide(connection, quarantine_id, ("open",), "returned", reason=reason, actor=actor)


def refuse(settings: Settings, quarantine_id: int, *, reason: str, actor: str) -> Entry:
    """Decide that a row is never used.

    :raises BadInput: when the entry is decided already
    """
    with connect(settings, ROLE) as connection:
        return _decide(connection, quarantine_id, UNDECIDED, "refused", reason=reason, actor=actor)


def lapse_waivers(settings: Settings, today: dt.date) -> int:
    """Open again what was waived to a day before ``today``; how many rows. Safe to repeat."""
    with connect(settings, ROLE) as connection:
        lapsed = connection.execute(
            "update quarantine.entry set status = 'open' where status = 'waived' and waiver_expires_on < %s "
            "returning quarantine_id",
            (today,),
        ).fetchall()
        ids = [row[0] for row in lapsed]
        if ids:
            note(connection, "flyover", "quarantine waivers lapsed", today.isoformat(), {"entries": ids})
            _touch(connection, ids)
    return len(ids)


def _decide(
    connection: Connection,
    quarantine_id: int,
    allowed: Sequence[Status],
    status: Status,
    *,
    reason: str,
    actor: str,
    until: dt.date | None = None,
) -> Entry:
    before = _entry(connection, quarantine_id, lock=True)
    if before.status not in allowed:
        raise BadInput(
            f"entry {quarantine_id} of {before.entity_table} is {before.status}, not {' or '.join(allowed)}",
            agency=before.agency_code,
        )
    connection.execute(
        "update quarantine.entry set status = %s, decided_by = %s, decided_at = now(), decision_reason = %s, "
        "waiver_expires_on = %s where quarantine_id = %s",
        (status, actor, reason, until, quarantine_id),
    )
    detail = {"reason": reason, "table": before.entity_table, "from": before.status, "until": until}
    note(connection, actor, f"quarantine {status}", str(quarantine_id), detail)
    return _entry(connection, quarantine_id)


def _touch(connection: Connection, ids: Sequence[int]) -> None:
    connection.execute(
        "update quarantine.entry set released_seq = %s where quarantine_id = any(%s)",
        (next_released_seq(connection), list(ids)),
    )


def _entry(connection: Connection, quarantine_id: int, *, lock: bool = False) -> Entry:
    statement = SQL("select {} from quarantine.entry as q where q.quarantine_id = %s {}").format(
        SQL(_COLUMNS), SQL("for update" if lock else "")
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement, (quarantine_id,)).fetchone()
    if row is None:
        raise BadInput(f"there is no entry {quarantine_id} in quarantine")
    return Entry(**row)


def _content(
    settings: Settings, connection: Connection, entry: Entry
) -> tuple[dict[str, str | None] | None, str | None]:
    """(fields, raw text) of an entry: fields as far as anyone could tell them apart, else the text as it came."""
    row = connection.execute(
        "select payload, sealed from quarantine.entry where quarantine_id = %s", (entry.quarantine_id,)
    ).fetchone()
    fields, sealed = row if row else (None, None)
    if fields is not None or sealed is None:
        return fields, None
    if entry.stage == "decode" and (event := sealed_rows.event(settings, entry.entity_table, sealed)) is not None:
        return sealed_rows.payload(event), None
    return None, sealed_rows.unseal(settings, entry.entity_table, sealed).decode("utf-8", "replace")


def _contract(settings: Settings, entry: Entry) -> Contract:
    source, entity = entry.entity_table.split("__")
    return contracts.load_all(settings.contracts_dir)[source, entity]
