"""From the outbox to released: every published line is accounted for, and the books say what the tables say.

A line has landed, was put aside by the sink, or could not be decoded; nothing else can become of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerting.reconcile.batches import Batch, Count, by_table, ids
from pipeline.db import SQL, Connection, Identifier, dict_row


def counts(connection: Connection, batches: Sequence[Batch]) -> Iterator[Count]:
    """Steps ``landed``, ``booked`` and ``released`` of these batches."""
    for table, those in by_table(batches).items():
        yield from _landed(connection, table, [batch for batch in those if not batch.is_settling])
        if judged := [batch for batch in those if batch.is_judged]:
            yield from _booked(connection, table, judged)


def _landed(connection: Connection, table: str, batches: Sequence[Batch]) -> Iterator[Count]:
    """Lines of the manifest against landing, by place, record and version, which are what an event id is made of."""
    query = SQL(_LANDED).format(table=Identifier(table))
    with connection.cursor(row_factory=dict_row) as cursor:
        found = {row["batch_id"]: row for row in cursor.execute(query, {"batches": ids(batches)})}
    for batch in batches:
        row = found.get(batch.batch_id, {})
        unlisted = max(0, batch.expected_rows - row.get("lines", 0))
        missing = unlisted + max(0, row.get("missing", 0) - row.get("undecodable", 0))
        note = f"{unlisted} lines are gone from the outbox" if unlisted else None
        yield Count("landed", batch.expected_rows, missing, row.get("surplus", 0), batch.batch_id, note=note)


def _booked(connection: Connection, table: str, batches: Sequence[Batch]) -> Iterator[Count]:
    query = SQL(_BOOKED).format(table=Identifier(table))
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(query, {"batches": ids(batches)}):
            lines = row["passed"] + row["duplicates"] + row["failing"] + row["unread"]
            unread = row["unread"] + min(row["undecodable"], max(0, row["received"] - lines))
            differences = {
                "released, refused or held": row["passed"] - row["released"] - row["refused"] - row["held"],
                "quarantined": row["failing"] + unread - row["quarantined"],
                "duplicate": row["duplicates"] - row["duplicate"],
            }
            yield Count(
                "booked",
                row["received"],
                -sum(number for number in differences.values() if number < 0),
                sum(number for number in differences.values() if number > 0),
                row["batch_id"],
                note="; ".join(f"{what} {number:+}" for what, number in differences.items() if number) or None,
            )
            visible = row["released"] + row["waived"] if row["status"] == "released" else 0
            off = row["visible"] - visible
            yield Count("released", visible, max(0, -off), max(0, off), row["batch_id"])


_LANDED = """
with lines as (
    select batch_id, batch_seq, record_id, version from connect.outbox where batch_id = any(%(batches)s)
),

landed as (
    select distinct _batch_id as batch_id, _batch_seq as batch_seq, _record_id as record_id, _version as version
    from landing.{table}
    where _batch_id = any(%(batches)s)
),

unread as (
    select batch_id, batch_seq from quarantine.{table}
    where batch_id = any(%(batches)s) and stage in ('parse', 'decode')
),

undecodable as (
    select batch_id, count(distinct fingerprint) as copies
    from quarantine.undecodable
    where batch_id = any(%(batches)s)
    group by batch_id
),

expected as (
    select
        lines.batch_id,
        count(*) as lines,
        count(*) filter (where landed.batch_id is null and unread.batch_id is null) as missing
    from lines
    left join landed using (batch_id, batch_seq, record_id, version)
    left join unread using (batch_id, batch_seq)
    group by lines.batch_id
),

unexpected as (
    select landed.batch_id, count(*) as surplus
    from landed
    left join lines using (batch_id, batch_seq, record_id, version)
    where lines.batch_id is null
    group by landed.batch_id
)

select
    batch_id,
    coalesce(lines, 0) as lines,
    coalesce(missing, 0) - coalesce(forgotten.rows, 0) as missing,  -- what retention dropped had landed
    coalesce(surplus, 0) as surplus,
    coalesce(copies, 0) as undecodable
from expected
full join unexpected using (batch_id)
left join undecodable using (batch_id)
left join landing.forgotten using (batch_id)
"""

# What the tables hold of each judged batch beside what its books say; copies that came after the verdict do not count.
_BOOKED = """
with judged as (
    select batch_id, status, received, released, quarantined, duplicate, refused, held, max_row_id
    from quality.batch
    where batch_id = any(%(batches)s)
),

landed as (
    select l._batch_id as batch_id, count(*) as copies
    from landing.{table} as l
    inner join judged on l._batch_id = judged.batch_id and l._row_id <= judged.max_row_id
    group by l._batch_id
),

doubled as (
    select
        batch_id,
        count(*) filter (where kind = 'duplicate') as duplicates,
        count(*) filter (where kind = 'redelivered') as redelivered
    from landing.duplicate
    where batch_id = any(%(batches)s)
    group by batch_id
),

kept_back as (
    select
        batch_id,
        count(*) filter (where stage = 'rule') as failing,
        count(*) filter (where stage in ('parse', 'decode')) as unread,
        count(*) filter (where stage = 'rule' and status = 'waived') as waived
    from quarantine.{table}
    where batch_id = any(%(batches)s)
    group by batch_id
),

undecodable as (
    select batch_id, count(distinct fingerprint) as undecodable
    from quarantine.undecodable
    where batch_id = any(%(batches)s)
    group by batch_id
),

visible as (
    select _batch_id as batch_id, count(*) as visible
    from released.{table}
    where _batch_id = any(%(batches)s)
    group by _batch_id
)

select
    judged.*,
    coalesce(copies, 0) + coalesce(forgotten.rows, 0) - coalesce(redelivered, 0) - coalesce(duplicates, 0)
        - coalesce(failing, 0) as passed,
    coalesce(duplicates, 0) as duplicates,
    coalesce(failing, 0) as failing,
    coalesce(unread, 0) as unread,
    coalesce(waived, 0) as waived,
    coalesce(undecodable, 0) as undecodable,
    coalesce(visible, 0) + case when judged.status = 'released' then coalesce(forgotten.rows, 0) else 0 end as visible
from judged
left join landed using (batch_id)
left join doubled using (batch_id)
left join kept_back using (batch_id)
left join undecodable using (batch_id)
left join visible using (batch_id)
left join landing.forgotten using (batch_id)
"""
