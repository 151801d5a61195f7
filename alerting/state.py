"""Alerts as a state: a condition that begins opens one, one that lasts is seen again, one that ends is resolved."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from alerting.kinds import Finding, known
from pipeline.db import Connection, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings

ROLE = "flyover_watch"


@dataclass(frozen=True)
class Alert:
    """One alert as it is kept."""

    alert_id: int
    kind: str
    key: str
    agency_code: str | None
    source: str | None
    entity: str | None
    severity: str
    title_zh: str
    title_en: str
    cause_zh: str
    cause_en: str
    command: str
    runbook: str
    detail: dict[str, Any]
    opened_at: dt.datetime
    last_seen_at: dt.datetime
    is_true: bool
    acked_at: dt.datetime | None
    acked_by: str | None
    ack_reason: str | None
    resolved_at: dt.datetime | None
    resolved_by: str | None

    @property
    def state(self) -> str:
        """Open, acknowledged or resolved."""
        return "resolved" if self.resolved_at else "acknowledged" if self.acked_at else "open"


COLUMNS = ", ".join(Alert.__dataclass_fields__)


def apply(
    connection: Connection, findings: Sequence[Finding], asked: Collection[str], now: dt.datetime
) -> tuple[int, int]:
    """Open what is new, see again what lasts, resolve what ended of the kinds asked about; how many (opened, ended).

    One that a person resolved by hand stays so while its condition lasts, and opens again only after it had ended.
    """
    opened = sum(_see(connection, finding, now) for finding in findings)
    still = [f"{finding.kind}\n{finding.key}" for finding in findings]
    ended = connection.execute(
        "update quality.alert set is_true = false, resolved_at = coalesce(resolved_at, %(now)s) "
        "where is_true and kind = any(%(asked)s) and not (kind || E'\\n' || key) = any(%(still)s)",
        {"now": now, "asked": list(asked), "still": still},
    )
    return opened, ended.rowcount


def _see(connection: Connection, finding: Finding, now: dt.datetime) -> int:
    """Write one finding down; 1 where it is new."""
    values = {
        **finding.texts(),
        "kind": finding.kind,
        "key": finding.key,
        "agency_code": finding.agency_code,
        "source": finding.source,
        "entity": finding.entity,
        "severity": known()[finding.kind].severity,
        "detail": json.dumps(finding.detail, ensure_ascii=False, default=str),
        "now": now,
    }
    row = connection.execute(_SEE, values).fetchone()
    return int(row is not None and row[0])


def listed(settings: Settings, *, everything: bool = False) -> list[Alert]:
    """Alerts that are not resolved (or all of the last 90 days), the most severe and oldest first."""
    condition = "opened_at > now() - interval '90 days'" if everything else "resolved_at is null"
    with connect(settings, ROLE) as connection:
        return select(connection, f"{condition} order by {ORDER}")


ORDER = "array_position(array['critical', 'warning', 'info'], severity), opened_at, alert_id"


def select(connection: Connection, condition: str, parameters: dict[str, Any] | None = None) -> list[Alert]:
    """Alerts by a condition of ours."""
    query: Any = f"select {COLUMNS} from quality.alert where {condition}"  # noqa: S608  no value stands in it
    with connection.cursor(row_factory=dict_row) as cursor:
        return [Alert(**row) for row in cursor.execute(query, parameters or {})]


def show(settings: Settings, alert_id: int) -> Alert:
    """One alert.

    :raises BadInput: when there is none of this number
    """
    with connect(settings, ROLE) as connection:
        return _one(connection, alert_id)


def acknowledge(settings: Settings, alert_id: int, *, reason: str, by: str, now: dt.datetime) -> Alert:
    """Say that someone cares for it: it stays in the list, and no reminder is sent any more.

    :raises BadInput: when there is no such alert or it is resolved
    """
    with connect(settings, ROLE) as connection:
        _open(connection, alert_id)
        connection.execute(
            "update quality.alert set acked_at = %s, acked_by = %s, ack_reason = %s where alert_id = %s",
            (now, by, reason, alert_id),
        )
        return _one(connection, alert_id)


def resolve(settings: Settings, alert_id: int, *, reason: str, by: str, now: dt.datetime) -> Alert:
    """Close it by hand, e.g. a task that will not run again; it opens anew only after its condition had ended.

    :raises BadInput: when there is no such alert or it is resolved
    """
    with connect(settings, ROLE) as connection:
        alert = _open(connection, alert_id)
        connection.execute(
            "update quality.alert set resolved_at = %s, resolved_by = %s, ack_reason = %s where alert_id = %s",
            (now, by, reason, alert_id),
        )
        if alert.kind == "task_failed":  # its condition is a note of ours, which only a success would end
            connection.execute("delete from quality.failed_task where dag_id || '.' || task_id = %s", (alert.key,))
        return _one(connection, alert_id)


def _open(connection: Connection, alert_id: int) -> Alert:
    alert = _one(connection, alert_id)
    if alert.resolved_at:
        raise BadInput(f"alert {alert_id} is resolved already", advice="See ./flyover alerts list.")
    return alert


def _one(connection: Connection, alert_id: int) -> Alert:
    found = select(connection, "alert_id = %(id)s for update", {"id": alert_id})
    if not found:
        raise BadInput(f"there is no alert {alert_id}", advice="See ./flyover alerts list --all.")
    return found[0]


_SEE = """
insert into quality.alert (
    kind, key, agency_code, source, entity, severity, title_zh, title_en, cause_zh, cause_en, command, runbook, detail,
    opened_at, last_seen_at
) values (
    %(kind)s, %(key)s, %(agency_code)s, %(source)s, %(entity)s, %(severity)s, %(title_zh)s, %(title_en)s,
    %(cause_zh)s, %(cause_en)s, %(command)s, %(runbook)s, %(detail)s, %(now)s, %(now)s
)
on conflict (kind, key) where is_true do update set
    last_seen_at = excluded.last_seen_at, severity = excluded.severity, detail = excluded.detail,
    cause_zh = excluded.cause_zh, cause_en = excluded.cause_en, command = excluded.command
returning xmax = 0
"""
