"""Finds the rows of a batch that must never show, because another copy of them came first.

``redelivered``
    the same line of the same manifest landed again; such copies stand outside the books;
``duplicate``
    another line of the manifest, or another batch, carried the same event; such lines are counted.

Safe to repeat: a row once chosen as the first copy stays it, whatever lands later and with whatever row id.
"""

from __future__ import annotations

import uuid

from expectations.judging.planning import WORK_MEM
from pipeline.db import SQL, Connection, Identifier, UniqueViolation
from pipeline.errors import SystemTrouble

_MOST_ROUNDS = 5

_REDELIVERED = SQL(
    """
insert into landing.duplicate (row_id, batch_id, kind)
select copy.row_id, copy.batch_id, 'redelivered'
from (
    select
        l._row_id as row_id, l._batch_id as batch_id,
        row_number() over (
            partition by l._batch_seq
            order by
                s.row_id is not distinct from l._row_id desc, d.kind is not distinct from 'duplicate' desc, l._row_id
        ) as place,
        q.batch_seq is not null as line_is_in_quarantine
    from landing.{table} as l
    left join landing.event_seen as s on l._event_id = s.event_id
    left join landing.duplicate as d on l._row_id = d.row_id
    left join quarantine.{table} as q
        on l._batch_id = q.batch_id and l._batch_seq = q.batch_seq and q.stage in ('parse', 'decode')
    where l._batch_id = %(batch)s
) as copy
where copy.place > 1 or copy.line_is_in_quarantine
on conflict (row_id) do nothing
"""
)
# One pass: which events the batch's rows carry, who carried them first, and if nobody did, which of its rows is to be.
_COPIES = SQL(
    """
with line as materialized (
    select
        l._row_id as row_id, l._batch_id as batch_id, l._event_id as event_id, s.row_id as first_row_id,
        row_number() over (partition by l._event_id order by l._batch_seq, l._row_id) as place
    from landing.{table} as l
    left join landing.event_seen as s on l._event_id = s.event_id
    where l._batch_id = %(batch)s
        and not exists (
            select from landing.duplicate as d where d.row_id = l._row_id and d.batch_id = l._batch_id
        )
),

first_copy as (
    insert into landing.event_seen (event_id, row_id, batch_id)
    select event_id, row_id, batch_id from line where first_row_id is null and place = 1
)

insert into landing.duplicate (row_id, batch_id, kind)
select row_id, batch_id, 'duplicate' from line where first_row_id <> row_id or (first_row_id is null and place > 1)
"""
)


def mark(connection: Connection, table: str, batch_id: uuid.UUID) -> None:
    """Note first copies and mark the others, in the caller's transaction."""
    connection.execute("select set_config('work_mem', %s, true)", (WORK_MEM,))
    parameters = {"batch": batch_id}
    if _has_copies(connection, batch_id):
        connection.execute(_REDELIVERED.format(table=Identifier(table)), parameters)
    for _ in range(_MOST_ROUNDS):
        try:
            with connection.transaction():
                connection.execute(_COPIES.format(table=Identifier(table)), parameters)
        except UniqueViolation:  # another judge has just noted the same event: look again, it is known now
            continue
        return
    raise SystemTrouble(
        f"batch {batch_id} of {table}: other judges keep noting the same events; nothing was written, judge it again"
    )


def _has_copies(connection: Connection, batch_id: uuid.UUID) -> bool:
    """Whether more rows came from the topic than the manifest has lines: only then is any a copy."""
    row = connection.execute(
        SQL("select landed_rows > received from quality.batch where batch_id = %s"), (batch_id,)
    ).fetchone()
    return row is not None and bool(row[0])
