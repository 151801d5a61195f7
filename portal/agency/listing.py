"""The deliveries of one agency, newest first: received ones, those taken in, and refused ones."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.db import SQL, Connection, dict_row
from portal.agency.receipt import UNDECIDED, State

PAGE = 20


@dataclass(frozen=True)
class Line:
    """One delivery in the list."""

    receipt_id: uuid.UUID
    """of the delivery or refusal; of the upload while nothing has been read of it"""
    origin: str
    at: dt.datetime
    state: State
    rows: int
    accepted: int
    to_mend: int
    is_correction: bool = False


def page(connection: Connection[Any], *, before: dt.datetime | None = None, limit: int = PAGE) -> Sequence[Line]:
    """Deliveries before a moment, the newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_LIST, {"before": before, "limit": limit, "undecided": list(UNDECIDED)}).fetchall()
    return [
        Line(
            receipt_id=row["receipt_id"],
            origin=row["origin"],
            at=row["at"],
            state=_state(row),
            rows=int(row["rows"] or 0),
            accepted=int(row["accepted"] or 0),
            to_mend=row["to_mend"],
            is_correction=row["kind"] == "correction",
        )
        for row in found
    ]


def latest(connection: Connection[Any]) -> uuid.UUID | None:
    """The latest delivery, correction or refusal."""
    row = connection.execute(
        "select delivery_id from (select delivery_id, started_at from portal.deliveries "
        "union all select refusal_id, refused_at from portal.refusals "
        "union all select correction_id, received_at from portal.corrections) as answered "
        "order by started_at desc limit 1"
    ).fetchone()
    return row[0] if row else None


def answered_by(connection: Connection[Any], receipt_id: uuid.UUID) -> uuid.UUID | None:
    """The delivery or refusal that speaks for an id, which may be an upload's.

    The upload's own id comes back while nothing has been read of it, and None where this agency knows no such id.
    """
    row = connection.execute(_ANSWERED, {"id": receipt_id}).fetchone()
    return row[0] if row else None


def _state(row: dict[str, Any]) -> State:
    if row["kind"] in ("upload", "refusal"):
        return "waiting" if row["kind"] == "upload" else "refused"
    statuses = set(row["statuses"] or ())
    if row["kind"] == "correction":
        if row["repeat_of"] is not None:
            return "unchanged"
        if not row["is_sent"]:
            return "processing"
    elif not statuses:
        return "unchanged"
    if statuses & {"landing", "landed"}:
        return "processing"
    if "held" in statuses:
        return "held"
    if "refused" in statuses:
        return "withdrawn"
    return "to_mend" if row["to_mend"] or row["not_taken"] else "accepted"


# An upload is known again by its name and content; the latest word about them is the one that counts.
_ANSWERED = SQL(
    """
select delivery_id from portal.deliveries where delivery_id = %(id)s
union all
select refusal_id from portal.refusals where refusal_id = %(id)s
union all
select correction_id from portal.corrections where correction_id = %(id)s
union all
select coalesce(
    (
        select answer.id
        from (
            select d.delivery_id as id, d.started_at as at, d.origin, d.content_sha256 from portal.deliveries as d
            union all
            select r.refusal_id, r.refused_at, r.origin, r.content_sha256 from portal.refusals as r
            union all
            select c.correction_id, c.received_at, c.origin, c.content_sha256 from portal.corrections as c
        ) as answer
        where answer.origin = u.origin and answer.content_sha256 = u.content_sha256
        order by answer.at desc
        limit 1
    ),
    u.upload_id
)
from portal.uploads as u
where u.upload_id = %(id)s
"""
)
_LIST = SQL(
    """
with known as (
    select
        'delivery' as kind, d.delivery_id as receipt_id, d.origin, d.started_at as at, d.read_rows as rows,
        null::uuid as repeat_of, true as is_sent, 0 as not_taken
    from portal.deliveries as d
    union all
    select
        'correction', c.correction_id, c.origin, c.received_at, c.rows, c.repeat_of, c.finished_at is not null,
        c.kept + c.refused
    from portal.corrections as c
    union all
    select 'refusal', r.refusal_id, r.origin, r.refused_at, 0, null, true, 0
    from portal.refusals as r
    union all
    select 'upload', u.upload_id, u.origin, u.received_at, 0, null, true, 0
    from portal.uploads as u
    where not exists (
        select from portal.deliveries as d where d.origin = u.origin and d.content_sha256 = u.content_sha256
    ) and not exists (
        select from portal.refusals as r where r.origin = u.origin and r.content_sha256 = u.content_sha256
    ) and not exists (
        select from portal.corrections as c where c.origin = u.origin and c.content_sha256 = u.content_sha256
    )
),

newest as (
    select * from known
    where %(before)s::timestamptz is null or at < %(before)s
    order by at desc
    limit %(limit)s
),

batches as (
    select n.receipt_id, b.batch_id, b.entity_table, b.status, b.released
    from newest as n
    inner join portal.batches as b on b.delivery_id = n.receipt_id
    where n.kind = 'delivery'
    union
    select n.receipt_id, b.batch_id, b.entity_table, b.status, b.released
    from newest as n
    inner join portal.corrections as c on c.correction_id = n.receipt_id
    inner join portal.batches as b on b.batch_id = any(c.replay_batches)
    where n.kind = 'correction'
)

select
    n.*,
    (select array_agg(distinct b.status) from batches as b where b.receipt_id = n.receipt_id) as statuses,
    (select sum(b.released) from batches as b where b.receipt_id = n.receipt_id) as accepted,
    (
        select count(*)
        from batches as b
        inner join portal.kept_back as k on k.entity_table = b.entity_table and k.batch_id = b.batch_id
        where b.receipt_id = n.receipt_id and k.status = any(%(undecided)s)
    ) as to_mend
from newest as n
order by n.at desc
"""
)
