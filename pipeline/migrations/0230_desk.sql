-- The agencies' own desk: tokens, uploads, and views through which a connection sees one agency and no other.

create schema portal;

create table portal.token (
    token_id text primary key,                  -- the token's first half, which is no secret
    agency_code text not null,
    digest bytea not null,                      -- keyed hash of the whole; the token itself is kept nowhere
    label text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    last_used_at timestamptz
);
create index on portal.token (agency_code);

create table portal.upload (                    -- what came over the desk, until its delivery or refusal speaks for it
    upload_id uuid primary key,
    agency_code text not null,
    source text not null,
    origin text not null,                       -- name in the drop folder, as it may be shown
    content_sha256 bytea not null,
    bytes bigint not null,
    received_at timestamptz not null default now()
);
create index on portal.upload (agency_code, received_at);

-- Whoever reads for an agency names it once (setting flyover.agency) and can then forget no condition: each view shows
-- that agency alone, and nothing at all while none is named. Sealed text and identities are in none of them.

create view portal.uploads with (security_barrier) as
select upload_id, source, origin, content_sha256, bytes, received_at
from portal.upload
where agency_code = current_setting('flyover.agency', true);

create view portal.deliveries with (security_barrier) as
select delivery_id, source, mode, origin, content_sha256, read_rows, unchanged_rows, started_at, staged_at
from connect.delivery
where agency_code = current_setting('flyover.agency', true) and mode <> 'replay';

create view portal.refusals with (security_barrier) as
select refusal_id, source, origin, content_sha256, code, problem, file, line, advice, refused_at
from connect.refusal
where agency_code = current_setting('flyover.agency', true);

create view portal.repairs with (security_barrier) as
select r.delivery_id, r.entity, r.file, r.code, r.field, r.rows, r.first_line
from connect.repair as r
inner join connect.delivery as d on r.delivery_id = d.delivery_id
where d.agency_code = current_setting('flyover.agency', true);

create view portal.batches with (security_barrier) as
select
    m.delivery_id, m.batch_id, m.source, m.entity, m.source || '__' || m.entity as entity_table, m.file,
    m.expected_rows, m.unchanged_rows, m.deleted_rows, m.deletes_held,
    coalesce(b.status, 'landing') as status,
    coalesce(b.released, 0) as released, coalesce(b.quarantined, 0) as quarantined,
    coalesce(b.duplicate, 0) as duplicate, coalesce(b.refused, 0) as refused, coalesce(b.held, 0) as held,
    b.judged_at, b.decided_at
from connect.batch as m
left join quality.batch as b on m.batch_id = b.batch_id
where m.agency_code = current_setting('flyover.agency', true);

create view portal.rule_results with (security_barrier) as
select m.delivery_id, r.batch_id, r.rule_id, r.severity, r.scope, r.failed
from quality.rule_result as r
inner join connect.batch as m on r.batch_id = m.batch_id
where m.agency_code = current_setting('flyover.agency', true) and not r.passed;

create view portal.kept_back with (security_barrier) as
select
    m.delivery_id, q.entity_table, q.batch_id, q.batch_seq, q.quarantine_id, q.record_id, q.stage, q.rule_ids,
    q.detail, q.status, o.line, o.part, o.field, o.data
from quarantine.entry as q
inner join connect.batch as m on q.batch_id = m.batch_id
left join connect.outbox as o on q.batch_id = o.batch_id and q.batch_seq = o.batch_seq
where m.agency_code = current_setting('flyover.agency', true) and q.agency_code = m.agency_code;
