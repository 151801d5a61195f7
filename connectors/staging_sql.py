"""The statements by which the outbox decides, set by set, what of a delivery is new.

Working tables live in the transaction that stages a delivery and go with it:

``incoming``  the rows of one entity as read, in file order
``decided``   per row: its record, its version, whether it is published
``gone``      records a bulk file no longer has
``sidecar``   identity side-cars of all entities, still sealed with the delivery's own key
"""

from __future__ import annotations

from connectors.edge import Edged
from pipeline.db import SQL, Identifier

_TYPES = {
    "seq": "int8",
    "record_id": "text",
    "content_hash": "bytea",
    "data": "bytea",
    "is_deleted": "bool",
    "modified_at": "timestamptz",
    "person_key": "text",
    "id_status": "text",
    "identity": "bytea",
    "identity_hash": "bytea",
    "subject": "text",
    "reason": "text",
    "sealed": "bytea",
    "line": "int4",
    "part": "text",
    "field": "text",
}
STAGED_FIELDS = Edged._fields[: Edged._fields.index("is_keyless")]
"""Fields of an edged row that the working table holds, in the row's own order."""

INCOMING_TYPES = tuple(_TYPES[name] for name in ("seq", *STAGED_FIELDS))

WORKING_TABLES = SQL(
    """
create temp table incoming (
    seq bigint, record_id text collate "C", content_hash bytea, identity_hash bytea, is_deleted boolean, reason text,
    modified_at timestamptz, person_key text, id_status text, subject text, data bytea, sealed bytea, identity bytea,
    line integer, part text, field text
) on commit drop;
create temp table decided (
    seq bigint, batch_seq bigint, record_id text collate "C", version integer, is_changed boolean, is_published boolean
) on commit drop;
create temp table gone (batch_seq bigint, record_id text collate "C", version integer) on commit drop;
create temp table sidecar (
    batch_id uuid, batch_seq integer, record_id text, version integer, person_key text, id_status text,
    subject text collate "C", identity bytea
) on commit drop;
"""
)

DROP_WORKING_TABLES = SQL("drop table incoming, decided, gone, sidecar")

COPY_INCOMING = SQL("copy incoming ({}) from stdin (format binary)").format(
    SQL(", ").join(map(Identifier, ("seq", *STAGED_FIELDS)))
)

# A record's rows are compared in file order: the first with the record's last state, each further one with the row
# before it. A repeat of what this delivery itself said is published again under the same version: the judge books it
# as a duplicate. What an earlier delivery said is no news, however often it is repeated - unless the batch that said
# it was refused or withdrawn (``void``), so that no one can see it. A rejected row bears the version its record has
# at that place: a correction of it must not overrule what the agency says later.
DECIDE = SQL(
    """
insert into decided (seq, batch_seq, record_id, version, is_changed, is_published)
with named as (
    select
        i.seq,
        case when %(by_occurrence)s and i.reason is null
            then i.record_id || '|' || row_number() over (partition by i.record_id, i.reason is null order by i.seq)
            else i.record_id
        end as record_id,
        i.content_hash, i.identity_hash, i.is_deleted, i.reason is not null as is_rejected
    from incoming as i
),

in_file_order as (
    select
        n.*,
        row_number() over same_record as nth,
        lag(n.content_hash) over same_record as content_before,
        lag(n.identity_hash) over same_record as identity_before,
        lag(n.is_deleted) over same_record as deleted_before
    from named as n
    window same_record as (partition by n.record_id, n.is_rejected order by n.seq)
),

compared as (
    select
        f.seq, f.record_id, f.is_rejected, coalesce(s.version, 0) as known_version,
        case
            when f.is_rejected then false
            when %(mended)s then true
            when f.nth > 1 then (f.content_hash, f.identity_hash, f.is_deleted)
                is distinct from (f.content_before, f.identity_before, f.deleted_before)
            else s.version is null or s.delivery_id = any(%(void)s)
                or (f.content_hash, f.identity_hash, f.is_deleted)
                is distinct from (s.content_hash, s.identity_hash, s.is_deleted)
        end as is_changed
    from in_file_order as f
    left join connect.record_state as s
        on s.source = %(source)s and s.entity = %(entity)s and s.agency_code = %(agency)s
        and s.record_id = f.record_id
),

versioned as (
    select
        c.*,
        sum(c.is_changed::integer) over (partition by c.record_id order by c.seq) as changes
    from compared as c
)

select
    v.seq,
    count(*) filter (where v.is_rejected or v.changes > 0) over (order by v.seq) - 1,
    v.record_id, v.known_version + v.changes, v.is_changed, v.is_rejected or v.changes > 0
from versioned as v
"""
)

VOID_DELIVERIES = SQL(
    """
select b.delivery_id
from connect.batch as b
inner join quality.batch as q on q.batch_id = b.batch_id and q.status = 'refused'
where b.source = %(source)s and b.entity = %(entity)s and b.agency_code = %(agency)s
"""
)

FIND_GONE = SQL(
    """
insert into gone (batch_seq, record_id, version)
select
    %(published)s + row_number() over (order by s.record_id collate "C") - 1,
    s.record_id, s.version + 1
from connect.record_state as s
where s.source = %(source)s and s.entity = %(entity)s and s.agency_code = %(agency)s
    and (not s.is_deleted or s.delivery_id = any(%(void)s))
    and not exists (select from decided as d where d.record_id = s.record_id)
"""
)

COUNT_DECIDED = SQL(
    """
select
    count(*) filter (where d.is_published) as published,
    count(*) filter (where not d.is_published) as unchanged,
    count(*) filter (where i.is_deleted and d.is_published) as deleted,
    count(*) filter (where i.reason is not null) as rejected
from decided as d
inner join incoming as i on i.seq = d.seq
"""
)

WRITE_MANIFEST = SQL(
    """
insert into connect.batch (
    batch_id, delivery_id, agency_code, source, entity, topic,
    expected_rows, unchanged_rows, deleted_rows, rejected_rows, deletes_held, replay_of, file, staged_at
)
values (
    %(batch_id)s, %(delivery_id)s, %(agency)s, %(source)s, %(entity)s, %(topic)s,
    %(expected_rows)s, %(unchanged_rows)s, %(deleted_rows)s, %(rejected_rows)s, %(deletes_held)s, %(replay_of)s,
    %(file)s, clock_timestamp()
)
"""
)

WRITE_OUTBOX = SQL(
    """
insert into connect.outbox (
    batch_id, batch_seq, record_id, version, op, modified_at, person_key, id_status, reason, data, sealed,
    line, part, field
)
select
    %(batch_id)s, d.batch_seq, d.record_id, d.version,
    case when i.reason is not null then 'rejected' when i.is_deleted then 'delete' else 'upsert' end,
    i.modified_at, i.person_key, i.id_status, i.reason, i.data, i.sealed, i.line, i.part, i.field
from decided as d
inner join incoming as i on i.seq = d.seq
where d.is_published

union all

select %(batch_id)s, g.batch_seq, g.record_id, g.version, 'delete', null, null, null, null, null, null, null, null, null
from gone as g
"""
)

# What was last said about a record, by the agency or by whoever mended it.
REMEMBER = SQL(
    """
insert into connect.record_state (
    source, entity, agency_code, record_id, version, content_hash, identity_hash, is_deleted, delivery_id
)
select distinct on (d.record_id)
    %(source)s, %(entity)s, %(agency)s, d.record_id, d.version,
    i.content_hash, i.identity_hash, i.is_deleted, %(delivery_id)s::uuid
from decided as d
inner join incoming as i on i.seq = d.seq
where d.is_changed
order by d.record_id, d.seq desc
on conflict (source, entity, agency_code, record_id) do update set
    version = excluded.version,
    content_hash = excluded.content_hash,
    identity_hash = excluded.identity_hash,
    is_deleted = excluded.is_deleted,
    delivery_id = excluded.delivery_id
"""
)

REMEMBER_GONE = SQL(
    """
update connect.record_state as s
set version = g.version, content_hash = '', identity_hash = null, is_deleted = true, delivery_id = %(delivery_id)s
from gone as g
where s.source = %(source)s and s.entity = %(entity)s and s.agency_code = %(agency)s
    and s.record_id = g.record_id
"""
)

COLLECT_SIDECARS = SQL(
    """
insert into sidecar (batch_id, batch_seq, record_id, version, person_key, id_status, subject, identity)
select %(batch_id)s, d.batch_seq, d.record_id, d.version, i.person_key, i.id_status, i.subject, i.identity
from decided as d
inner join incoming as i on i.seq = d.seq
where d.is_changed and i.identity is not null
"""
)

SIDECARS = SQL(
    """
select s.batch_id, s.batch_seq, s.record_id, s.version, s.person_key, s.id_status, s.subject, s.identity
from sidecar as s
where not exists (select from vault.erased as e where e.subject = s.subject)
order by s.subject
"""
)

COPY_IDENTITY_OUTBOX = SQL(
    "copy connect.identity_outbox "
    "(batch_id, batch_seq, record_id, version, person_key, id_status, subject, sealed) from stdin (format binary)"
)
IDENTITY_OUTBOX_TYPES = ("uuid", "int4", "text", "int4", "text", "text", "text", "bytea")
