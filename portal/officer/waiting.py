"""What waits for a decision, and what became of it, as one officer may see it: counts and batches, never a row."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from expectations.reports.facts import PARTS
from pipeline.db import SQL, Connection, dict_row

UNDECIDED = ("open", "returned")
STATES = ("open", "returned", "mended", "waived", "refused", "closed")
PAGE = 50


@dataclass(frozen=True)
class Pile:
    """Rows of one agency and table that one rule keeps back, in one state."""

    agency_code: str
    entity_table: str
    rule_id: str
    status: str
    entries: int
    since: dt.datetime


@dataclass(frozen=True)
class Batch:
    """One batch with its books."""

    batch_id: uuid.UUID
    delivery_id: uuid.UUID
    agency_code: str
    entity_table: str
    status: str
    origin: str | None
    replay_of: uuid.UUID | None
    books: Mapping[str, int]
    """received, and where each row stands"""
    judged_at: dt.datetime | None
    decided_at: dt.datetime | None
    decided_by: str | None
    decision_reason: str | None
    modelled_at: dt.datetime | None
    failed: Sequence[tuple[str, int]]
    """rules that were not passed, with how many rows; those about the whole batch first"""

    @property
    def balances(self) -> bool:
        """Whether each row received stands somewhere."""
        return self.books["received"] == sum(self.books[part] for part in PARTS)


@dataclass(frozen=True)
class Decision:
    """One decision, about rows or about a batch."""

    at: dt.datetime
    actor: str
    role: str | None
    about: Literal["rows", "batch"]
    action: str
    reason: str | None
    expires_on: dt.date | None
    rows: int | None
    decision_id: int | None
    batch_id: uuid.UUID | None


def piles(
    connection: Connection[Any],
    *,
    agency: str | None = None,
    rule: str | None = None,
    states: Sequence[str] = ("open",),
) -> list[Pile]:
    """What is kept back, by agency, table and rule; the largest first."""
    wanted = {"agency": agency, "rule": rule, "states": list(states)}
    return [Pile(**row) for row in _ask(connection, _PILES, wanted)]


def rows_by_status(connection: Connection[Any], *, agency: str | None = None) -> dict[str, int]:
    """How many rows are in each state; a row that several rules keep back counts once."""
    found = _ask(connection, _STATES, {"agency": agency})
    return {row["status"]: row["entries"] for row in found}


def rows_by_agency(connection: Connection[Any]) -> dict[str, int]:
    """Open rows of each agency that has any."""
    return {row["agency_code"]: row["entries"] for row in _ask(connection, _AGENCIES, {})}


def batches(
    connection: Connection[Any],
    *,
    agency: str | None = None,
    status: str | None = None,
    batch: uuid.UUID | None = None,
    replay_of: uuid.UUID | None = None,
    limit: int = PAGE,
) -> list[Batch]:
    """Batches that are judged, the latest first; one that is not judged yet only where it is named."""
    wanted = {"agency": agency, "status": status, "batch": batch, "replay_of": replay_of, "limit": limit}
    return [_batch(row) for row in _ask(connection, _BATCHES, wanted)]


def entries_of(connection: Connection[Any], decision_id: int) -> tuple[int, ...]:
    """The rows that one decision was about, where at least one is theirs; those of others are left out."""
    return tuple(row["quarantine_id"] for row in _ask(connection, _DECIDED, {"decision": decision_id}))


def trail(
    connection: Connection[Any], *, actor: str | None = None, before: dt.datetime | None = None
) -> list[Decision]:
    """What was decided, the latest first, before a moment."""
    return [Decision(**row) for row in _ask(connection, _TRAIL, {"actor": actor, "before": before, "limit": PAGE + 1})]


def alerts(connection: Connection[Any]) -> list[dict[str, Any]]:
    """What the house has raised the alarm about and what still holds, the gravest first."""
    return _ask(connection, _ALERTS, {})


def choices(connection: Connection[Any]) -> Mapping[str, Sequence[str]]:
    """What rows can be narrowed by: the agencies, tables and rules there are rows of."""
    (row,) = _ask(connection, _CHOICES, {})
    return {name: row[name] or [] for name in ("agency", "table", "rule")}


def _batch(row: dict[str, Any]) -> Batch:
    books = {name: int(row.pop(name)) for name in ("received", *PARTS)}
    failed = [(rule_id, count) for rule_id, count in row.pop("failed")]
    return Batch(**row, books=books, failed=failed)


def _ask(connection: Connection[Any], query: SQL, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, wanted).fetchall()


_PILES = SQL(
    """
select agency_code, entity_table, rule_id, status, entries, since
from portal.officer_waiting
where status = any(%(states)s)
    and (%(agency)s::text is null or agency_code = %(agency)s)
    and (%(rule)s::text is null or rule_id = %(rule)s)
order by entries desc, agency_code, rule_id, status
"""
)
_STATES = SQL(
    """
select status, count(*) as entries
from portal.officer_entries
where %(agency)s::text is null or agency_code = %(agency)s
group by status
"""
)
_AGENCIES = SQL(
    """
select agency_code, count(*) as entries
from portal.officer_entries
where status = 'open'
group by agency_code
order by entries desc, agency_code
"""
)
_BATCHES = SQL(
    """
select
    b.batch_id, b.delivery_id, b.agency_code, b.entity_table, b.status, b.origin, b.replay_of,
    b.received, b.released, b.quarantined, b.duplicate, b.refused, b.held,
    b.judged_at, b.decided_at, b.decided_by, b.decision_reason, b.modelled_at,
    coalesce((
        select json_agg(json_build_array(r.rule_id, r.failed) order by r.scope = 'table' desc, r.failed desc, r.rule_id)
        from portal.officer_rule_results as r
        where r.batch_id = b.batch_id and not r.passed
    ), '[]') as failed
from portal.officer_batches as b
where (%(batch)s::uuid is null and b.status not in ('landing', 'landed') or b.batch_id = %(batch)s)
    and (%(replay_of)s::uuid is null or b.replay_of = %(replay_of)s)
    and (%(agency)s::text is null or b.agency_code = %(agency)s)
    and (%(status)s::text is null or b.status = %(status)s)
order by b.judged_at desc nulls last, b.batch_id
limit %(limit)s
"""
)
_CHOICES = SQL(
    """
select
    array_agg(distinct agency_code order by agency_code) as agency,
    array_agg(distinct entity_table order by entity_table) as "table",
    array_agg(distinct rule_id order by rule_id) as rule
from portal.officer_waiting
"""
)
_DECIDED = SQL(
    "select quarantine_id from portal.officer_decided where decision_id = %(decision)s order by quarantine_id"
)
_TRAIL = SQL(
    """
select at, actor, role, about, action, reason, expires_on, rows, decision_id, batch_id
from portal.officer_trail
where (%(actor)s::text is null or actor = %(actor)s)
    and (%(before)s::timestamptz is null or at < %(before)s)
order by at desc
limit %(limit)s
"""
)
_ALERTS = SQL(
    """
select alert_id, agency_code, severity, title_zh, title_en, cause_zh, cause_en, command, runbook, opened_at, acked_by
from portal.officer_alerts
order by array_position(array['critical', 'warning', 'info'], severity), opened_at
"""
)
