-- The spine: what a record passes on its way from an agency to a published number.

create schema connect;
create schema landing;
create schema judging;
create schema quarantine;
create schema vault;
create schema released;
create schema quality;
create schema core;
create schema staging;
create schema intermediate;
create schema mart;

-- connect: deliveries, manifests and the outbox -------------------------------------------------------------------

create table connect.delivery (
    delivery_id uuid primary key,
    agency_code text not null,
    source text not null,
    mode text not null check (mode in ('bulk', 'delta', 'append', 'replay')),
    origin text not null,                       -- file or folder name, never a path with personal data
    content_sha256 bytea,
    status text not null check (status in ('staged', 'published')),
    read_rows bigint not null,
    started_at timestamptz not null,
    staged_at timestamptz not null default now(),
    published_at timestamptz
);
create index on connect.delivery (agency_code, content_sha256);

create table connect.batch (                    -- the manifest
    batch_id uuid primary key,
    delivery_id uuid not null references connect.delivery,
    agency_code text not null,
    source text not null,
    entity text not null,
    topic text not null,
    expected_rows bigint not null,              -- events published: the received of the books
    unchanged_rows bigint not null default 0,   -- read, but the same as that record's last state
    deleted_rows bigint not null default 0,
    rejected_rows bigint not null default 0,
    deletes_held boolean not null default false, -- a row without a readable key: no record may count as gone
    replay_of uuid references connect.batch,
    staged_at timestamptz not null default now(),
    published_at timestamptz
);
create index on connect.batch (delivery_id);
create index on connect.batch (staged_at) where published_at is null;

create table connect.outbox (
    batch_id uuid not null references connect.batch on delete cascade,
    batch_seq integer not null,
    record_id text not null,
    version integer not null,
    op text not null check (op in ('upsert', 'delete', 'rejected')),
    modified_at timestamptz,
    person_key text,
    id_status text,
    reason text,
    data bytea,                                 -- pseudonymised payload, JSON
    sealed bytea,                               -- rejected rows: raw text, sealed with the quarantine key
    primary key (batch_id, batch_seq)
);

create table connect.identity_outbox (          -- encrypted identifier side-car, for the vault topic
    batch_id uuid not null references connect.batch on delete cascade,
    batch_seq integer not null,
    record_id text not null,
    version integer not null,
    person_key text,
    id_status text,
    subject text not null,                      -- whose data key it is sealed with
    sealed bytea not null,
    primary key (batch_id, batch_seq)
);

create table connect.record_state (
    source text not null,
    entity text not null,
    agency_code text not null,
    record_id text not null,
    version integer not null,
    content_hash bytea not null,
    identity_hash bytea,
    is_deleted boolean not null default false,
    delivery_id uuid not null,
    primary key (source, entity, agency_code, record_id)
);

-- landing: typed, append-only; the tables themselves follow from the contracts ------------------------------------

create sequence landing.row_id;                -- no cache: a copy that lands later must have a higher number

create table landing.drain (
    topic_id uuid not null,
    topic text not null,
    partition integer not null,
    epoch bigint not null default 0,
    next_offset bigint not null default 0,
    moved_at timestamptz not null default now(),
    primary key (topic_id, partition)
);

create table landing.event_seen (               -- first landed copy of every event id
    event_id uuid primary key,
    row_id bigint not null,
    batch_id uuid not null
);

create table landing.duplicate (                -- rows that never show: another copy came first
    row_id bigint primary key,
    batch_id uuid not null,
    kind text not null check (kind in ('duplicate', 'redelivered'))
);
create index on landing.duplicate (batch_id);

-- quarantine ------------------------------------------------------------------------------------------------------

create table quarantine.entry (                 -- partitioned by table: quarantine.<source>__<entity>
    quarantine_id bigint generated always as identity,
    entity_table text not null,
    row_id bigint,                              -- landing row; null for stages parse and decode
    batch_id uuid not null,
    batch_seq integer not null,
    event_id uuid,
    agency_code text not null,
    record_id text,
    version integer,
    stage text not null check (stage in ('parse', 'decode', 'rule')),
    rule_ids text[] not null,
    detail text,                                -- which field and why, never a value
    payload jsonb,                              -- pseudonymised; null where only sealed bytes exist
    sealed bytea,                               -- raw text, sealed with the quarantine key
    status text not null default 'open'
        check (status in ('open', 'mended', 'waived', 'returned', 'refused', 'closed')),
    decided_by text,
    decided_at timestamptz,
    decision_reason text,
    waiver_expires_on date,
    replay_batch_id uuid,
    released_seq bigint,                        -- set by a waiver (and by its end), so that incremental models see it
    opened_at timestamptz not null default now(),
    primary key (entity_table, quarantine_id),
    unique (entity_table, batch_id, batch_seq)
) partition by list (entity_table);
create index on quarantine.entry (entity_table, row_id);
create index on quarantine.entry (batch_id);

create table quarantine.undecodable (           -- bytes no one can decode
    undecodable_id bigint generated always as identity primary key,
    topic text not null,
    topic_id uuid not null,
    partition integer not null,
    "offset" bigint not null,
    batch_id uuid,                              -- from the message header, where it has one
    fingerprint bytea not null,                 -- keyed hash of the bytes: tells a re-sent copy
    sealed_key bytea,
    sealed_value bytea,
    error text not null,
    landed_at timestamptz not null default now(),
    unique (topic_id, partition, "offset")
);
create index on quarantine.undecodable (batch_id);

-- vault -----------------------------------------------------------------------------------------------------------

create table vault.data_key (
    subject text primary key,                   -- person key, else agency:source.entity:record
    wrapped bytea not null,
    created_at timestamptz not null default now()
);

create table vault.identity (
    agency_code text not null,
    source text not null,
    entity text not null,
    record_id text not null,
    version integer not null,
    person_key text,
    id_status text,
    subject text not null,
    sealed bytea not null,
    landed_at timestamptz not null default now(),
    primary key (agency_code, source, entity, record_id, version)
);

create table vault.drain (like landing.drain including all);

create table vault.undecodable (
    topic_id uuid not null,
    partition integer not null,
    "offset" bigint not null,
    error text not null,
    sealed_value bytea,
    landed_at timestamptz not null default now(),
    primary key (topic_id, partition, "offset")
);

create table vault.person_alias (
    key_version text not null,
    person_key text not null,
    person_id uuid not null,
    primary key (key_version, person_key)
);

create table vault.erased (
    subject text primary key,
    erased_at timestamptz not null default now()
);

-- quality: batches, verdicts, books -------------------------------------------------------------------------------

create sequence quality.released_seq;

create table quality.batch (
    batch_id uuid primary key,
    delivery_id uuid not null,
    agency_code text not null,
    source text not null,
    entity text not null,
    status text not null check (status in ('landing', 'landed', 'held', 'released', 'refused')),
    replay_of uuid,
    received bigint not null,                   -- of the manifest
    landed_rows bigint not null default 0,      -- rows taken from the topic, redelivered ones included
    released bigint not null default 0,
    quarantined bigint not null default 0,
    duplicate bigint not null default 0,
    refused bigint not null default 0,
    held bigint not null default 0,
    redelivered bigint not null default 0,      -- copies of the same manifest line; outside the books
    max_row_id bigint,                          -- copies that land after the judgement stay out of sight
    released_seq bigint,
    published_at timestamptz,
    first_landed_at timestamptz,
    landed_at timestamptz,
    judged_at timestamptz,
    decided_at timestamptz,
    decided_by text,
    decision_reason text,
    modelled_at timestamptz,                    -- when core first held it
    constraint books_balance check (
        status in ('landing', 'landed')
        or received = released + quarantined + duplicate + refused + held
    ),
    constraint held_is_zero_once_decided check (status = 'held' or status in ('landing', 'landed') or held = 0)
);
create index on quality.batch (status, source);
create index on quality.batch (released_seq);
create index on quality.batch (delivery_id);

create table quality.rule_result (
    batch_id uuid not null references quality.batch on delete cascade,
    rule_id text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    dimension text not null,
    scope text not null check (scope in ('row', 'table', 'delivery')),
    passed boolean not null,
    evaluated bigint not null,
    failed bigint not null,
    observed text,
    judged_at timestamptz not null default now(),
    primary key (batch_id, rule_id)
);

create table quality.stage_run (
    stage_run_id bigint generated always as identity primary key,
    stage text not null check (stage in ('pull', 'publish', 'land', 'judge', 'model', 'release', 'vault')),
    source text not null,
    agency_code text,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    rows bigint not null default 0
);

create view quality.books as
select
    agency_code, source, entity,
    count(*) as batches,
    sum(received) as received, sum(released) as released, sum(quarantined) as quarantined,
    sum(duplicate) as duplicate, sum(refused) as refused, sum(held) as held,
    sum(received) filter (where status in ('landing', 'landed')) as under_way,
    sum(redelivered) as redelivered
from quality.batch
group by agency_code, source, entity;

-- mart: published aggregates only ---------------------------------------------------------------------------------

create table mart.release (
    release_id integer generated always as identity primary key,
    published_at timestamptz not null default now(),
    as_of timestamptz not null,
    released_seq bigint not null,               -- what core had taken in
    note text
);

create table mart.indicator_value (
    release_id integer not null references mart.release,
    indicator_code text not null,
    method text not null,
    realm text not null check (realm in ('real', 'simulated')),
    area_code text not null,
    area_level text not null check (area_level in ('province', 'prefecture', 'county')),
    period text not null,
    dimension text not null,
    member text not null,
    value double precision,
    unit text not null,
    unit_of_count text not null,
    numerator double precision,
    denominator double precision,
    coverage_pct double precision,
    status text not null check (status in ('published', 'withheld', 'needs_input', 'not_applicable')),
    status_note text,                           -- for needs_input: the missing return
    definition_version integer not null,
    as_of date not null,
    primary key (release_id, indicator_code, method, realm, area_code, period, dimension, member),
    constraint withheld_shows_nothing check (
        status = 'published' or (value is null and numerator is null and denominator is null)
    )
);

create table mart.current_release (
    is_current boolean primary key default true check (is_current),
    release_id integer not null references mart.release,
    moved_at timestamptz not null default now()
);

create view mart.current_indicator_value as
select v.*
from mart.indicator_value as v
inner join mart.current_release as c on v.release_id = c.release_id;

-- audit -----------------------------------------------------------------------------------------------------------

create table audit.entry (
    entry_id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    actor text not null default session_user,
    action text not null,
    object text not null,
    detail jsonb not null default '{}'
);
