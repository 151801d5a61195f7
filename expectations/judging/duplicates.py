"""Finds the rows of a batch that must never show, because another copy of them came first.

``redelivered``
    the same line of the same manifest landed again; such copies stand outside the books;
``duplicate``
    another line of the manifest, or another batch, carried the same event; such lines are counted.

Safe to repeat: a row once chosen as the first copy stays it, whatever lands later and with whatever row id.
"""

from __future__ import annotations

import uuid

from pipeline.db import SQL, Connection, Identifier

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
_FIRST_COPIES = SQL(
    """
insert into landing.event_seen (event_id, row_id, batch_id)
select distinct on (l._event_id) l._event_id, l._row_id, l._batch_id
from landing.{table} as l
where l._batch_id = %(batch)s and not exists (select from landing.duplicate as d where d.row_id = l._row_id)
order by l._event_id, l._batch_seq, l._row_id
on conflict (event_id) do nothing
"""
)
_DUPLICATES = SQL(
    """
insert into landing.duplicate (row_id, batch_id, kind)
select l._row_id, l._batch_id, 'duplicate'
from landing.{table} as l
inner join landing.event_seen as s on l._event_id = s.event_id and l._row_id <> s.row_id
where l._batch_id = %(batch)s and not exists (select from landing.duplicate as d where d.row_id = l._row_id)
on conflict (row_id) do nothing
"""
)


def mark(connection: Connection, table: str, batch_id: uuid.UUID) -> None:
    """Note first copies and mark the others, in the caller's transaction."""
    steps = [_FIRST_COPIES, _DUPLICATES]
    if _has_copies(connection, batch_id):
        steps.insert(0, _REDELIVERED)
    for step in steps:
        connection.execute(step.format(table=Identifier(table)), {"batch": batch_id})


def _has_copies(connection: Connection, batch_id: uuid.UUID) -> bool:
    """Whether more rows came from the topic than the manifest has lines: only then is any a copy."""
    row = connection.execute(
        SQL("select landed_rows > received from quality.batch where batch_id = %s"), (batch_id,)
    ).fetchone()
    return row is not None and bool(row[0])
