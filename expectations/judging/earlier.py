"""What was decided before, as far as it bears on a batch at hand: rules that are waived, rows that it replays."""

from __future__ import annotations

import uuid

from pipeline.db import SQL, Connection, Identifier


def waived(connection: Connection, agency_code: str, table: str) -> frozenset[str]:
    """Rules whose failure holds no batch of this agency's table today; the day is that of Zhejiang."""
    found = connection.execute(
        "select rule_id from quality.waiver where agency_code = %s and entity_table = %s and ended_at is null "
        "and expires_on >= (now() at time zone 'Asia/Shanghai')::date",
        (agency_code, table),
    )
    return frozenset(rule_id for (rule_id,) in found)


def close_originals(connection: Connection, table: str, batch_id: uuid.UUID, original: uuid.UUID) -> None:
    """Close what this replay took over, should whoever staged it have been interrupted before doing so."""
    connection.execute(_CLOSE.format(table=Identifier(table)), {"batch": batch_id, "original": original})


_CLOSE = SQL(
    """
with closed as (
    update quarantine.{table} as q set status = 'closed', replay_batch_id = %(batch)s, identifiers = null
    where q.batch_id = %(original)s and q.status = 'mended'
        and q.record_id in (select l._record_id from landing.{table} as l where l._batch_id = %(batch)s)
    returning q.quarantine_id, q.agency_code
),

decision as (
    insert into quarantine.decision (action, actor, role, reason, selection, entries)
    select 'replay', 'flyover', 'steward', 'a replay that was interrupted has arrived',
        jsonb_build_object('batch', %(original)s::uuid), count(*)
    from closed having count(*) > 0
    returning decision_id
)

insert into quarantine.entry_decision (quarantine_id, decision_id, agency_code, status_before, status_after)
select c.quarantine_id, d.decision_id, c.agency_code, 'mended', 'closed'
from closed as c cross join decision as d
"""
)
