"""What waits in quarantine: rows without their content, listed page by page and counted."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Literal

from expectations.decisions.people import Actor, require
from expectations.decisions.selection import Selection, Status, require_reach, where
from expectations.judging.gx import ROLE
from pipeline.db import SQL, Connection, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings

_COLUMNS = SQL(
    "q.quarantine_id, q.entity_table, q.batch_id, q.agency_code, q.record_id, q.version, q.stage, q.rule_ids, "
    "q.warned_ids, q.status, q.opened_at, q.decided_by, q.decided_at, q.decision_reason, q.waiver_expires_on, "
    "q.replay_batch_id"
)


@dataclass(frozen=True)
class Entry:
    """A row in quarantine, without its content."""

    quarantine_id: int
    entity_table: str
    batch_id: uuid.UUID
    agency_code: str
    record_id: str | None
    """None also for who may not see the keys of rows"""
    version: int | None
    stage: Literal["parse", "decode", "rule"]
    rule_ids: list[str]
    """what keeps it back"""
    warned_ids: list[str]
    """rules of lesser severity that it failed too"""
    status: Status
    opened_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_reason: str | None
    waiver_expires_on: dt.date | None
    replay_batch_id: uuid.UUID | None


def list_entries(
    settings: Settings, selection: Selection, *, actor: Actor, limit: int = 100, after: int | None = None
) -> list[Entry]:
    """Rows in quarantine, oldest first, those behind entry ``after``; for a viewer without the keys of the rows.

    :raises NotAllowed: when what another agency sent is named
    """
    require(actor, "viewer")
    condition, parameters = where(selection, actor)
    statement = SQL(
        "select {columns} from quarantine.entry as q where {condition} and q.quarantine_id > %(after)s "
        "order by q.quarantine_id limit %(most)s"
    ).format(columns=_COLUMNS, condition=condition)
    most = min(limit, selection.limit) if selection.limit is not None else limit
    with connect(settings, ROLE) as connection, connection.cursor(row_factory=dict_row) as cursor:
        require_reach(connection, selection, actor)
        found = cursor.execute(statement, {**parameters, "after": after or 0, "most": most})
        return [as_seen_by(actor, Entry(**row)) for row in found]


def count(settings: Settings, selection: Selection, *, actor: Actor) -> int:
    """How many rows are meant.

    :raises NotAllowed: when what another agency sent is named
    """
    require(actor, "viewer")
    condition, parameters = where(selection, actor)
    statement = SQL("select count(*) from quarantine.entry as q where {}").format(condition)
    with connect(settings, ROLE) as connection:
        require_reach(connection, selection, actor)
        row = connection.execute(statement, parameters).fetchone()
    counted = int(row[0]) if row else 0
    return counted if selection.limit is None else min(counted, selection.limit)


def breakdown(settings: Settings, selection: Selection, *, actor: Actor) -> list[tuple[str, str, str, str, int]]:
    """(agency, table, rules, status, rows) of what is meant, most rows first; ``limit`` is not looked at.

    :raises NotAllowed: when what another agency sent is named
    """
    require(actor, "viewer")
    condition, parameters = where(selection, actor)
    statement = SQL(
        "select q.agency_code, q.entity_table, array_to_string(q.rule_ids, ', '), q.status, count(*) "
        "from quarantine.entry as q where {} group by 1, 2, 3, 4 order by count(*) desc, 1, 2, 3, 4"
    ).format(condition)
    with connect(settings, ROLE) as connection:
        require_reach(connection, selection, actor)
        return [tuple(row) for row in connection.execute(statement, parameters)]


def read(connection: Connection, quarantine_id: int) -> Entry:
    """One entry, with its key.

    :raises BadInput: when there is no such entry
    """
    statement = SQL("select {} from quarantine.entry as q where q.quarantine_id = %s").format(_COLUMNS)
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement, (quarantine_id,)).fetchone()
    if row is None:
        raise BadInput(f"there is no entry {quarantine_id} in quarantine")
    return Entry(**row)


def as_seen_by(actor: Actor, entry: Entry) -> Entry:
    """The entry as this person may see it: a viewer is told no key."""
    return entry if actor.may("officer") else dataclasses.replace(entry, record_id=None)
