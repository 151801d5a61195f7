-- Files of mended rows that came back from agencies: what became of each row, and how that looks to its sender.

alter table quarantine.entry add column identifiers bytea;  -- filled in by whoever mended it; sealed, until its replay

create table quarantine.correction (
    correction_id uuid primary key,
    agency_code text not null,
    source text not null,
    origin text not null,                       -- name of the file, as it may be shown
    content_sha256 bytea not null,
    repeat_of uuid references quarantine.correction,  -- the same content came before: nothing was changed
    rows bigint not null default 0,
    taken bigint not null default 0,
    kept bigint not null default 0,             -- left as they were: not changed by anyone
    refused bigint not null default 0,
    received_at timestamptz not null default now(),
    finished_at timestamptz,                    -- its rows are on their way
    constraint every_row_has_its_answer check (rows = taken + kept + refused)
);
create index on quarantine.correction (agency_code, content_sha256);

create table quarantine.correction_row (
    correction_id uuid not null references quarantine.correction on delete cascade,
    seq bigint not null,
    outcome text not null check (outcome in ('taken', 'kept', 'refused')),
    code text,                                  -- why it was not taken; connectors/messages has the text
    field text,
    file text not null,
    part text,
    line integer not null,
    entity_table text,
    quarantine_id bigint,
    batch_id uuid,                              -- which the entry came with
    record_id text,                             -- under which the mended row travels
    primary key (correction_id, seq)
);
create index on quarantine.correction_row (entity_table, quarantine_id) where outcome = 'taken';
create index on quarantine.correction_row (batch_id) where outcome = 'taken';

-- What became of a row: its status, and of one that was mended what its replay came to.
create or replace view portal.kept_back with (security_barrier) as
select
    m.delivery_id, q.entity_table, q.batch_id, q.batch_seq, q.quarantine_id, q.record_id, q.stage, q.rule_ids,
    q.detail, q.status, o.line, o.part, o.field, o.data,
    case
        when q.status = 'mended' and q.decided_by = 'agency ' || q.agency_code then 'sent'
        when q.status <> 'closed' then q.status
        when q.replay_batch_id is null then 'overtaken'
        when coalesce(b.status, 'landing') in ('landing', 'landed') then 'sent'
        when b.status = 'refused' then 'refused'
        when b.status = 'held' then 'waiting'
        when exists (
            select from quarantine.entry as n
            where n.entity_table = q.entity_table and n.batch_id = q.replay_batch_id and n.status <> 'waived'
                and n.record_id = coalesce(
                    (
                        select c.record_id from quarantine.correction_row as c
                        where c.entity_table = q.entity_table and c.quarantine_id = q.quarantine_id
                            and c.outcome = 'taken'
                    ),
                    q.record_id
                )
        ) then 'again'
        else 'closed'
    end as fate,
    q.replay_batch_id, m.replay_of
from quarantine.entry as q
inner join connect.batch as m on q.batch_id = m.batch_id
left join connect.outbox as o on q.batch_id = o.batch_id and q.batch_seq = o.batch_seq
left join quality.batch as b on q.replay_batch_id = b.batch_id
where m.agency_code = current_setting('flyover.agency', true) and q.agency_code = m.agency_code;

create view portal.corrections with (security_barrier) as
select
    correction_id, source, origin, content_sha256, repeat_of, rows, taken, kept, refused, received_at, finished_at
from quarantine.correction
where agency_code = current_setting('flyover.agency', true);

create view portal.correction_rows with (security_barrier) as
select
    r.correction_id, r.seq, r.outcome, r.code, r.field, r.file, r.part, r.line, r.entity_table, r.quarantine_id,
    r.batch_id, r.record_id, m.delivery_id, m.replay_of, q.replay_batch_id
from quarantine.correction_row as r
inner join quarantine.correction as c on r.correction_id = c.correction_id
left join connect.batch as m on r.batch_id = m.batch_id
left join quarantine.entry as q on r.entity_table = q.entity_table and r.quarantine_id = q.quarantine_id
where c.agency_code = current_setting('flyover.agency', true);
