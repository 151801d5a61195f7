-- Decisions about rows and batches: who, when, why and about how many; and rules an agency need not keep for a while.

alter table quarantine.entry
    add column warned_ids text[] not null default '{}',     -- rules of lesser severity that the row failed too
    add column mended jsonb;                                -- the row as someone corrected it; payload stays as it came
create index on quarantine.entry (agency_code, quarantine_id) where status = 'open';

create table quarantine.decision (                          -- one line a decision, however many rows it was about
    decision_id bigint generated always as identity primary key,
    action text not null
        check (action in ('mend', 'waive', 'return', 'refuse', 'reopen', 'replay', 'lapse')),
    actor text not null,
    role text not null,
    reason text not null,
    expires_on date,
    selection jsonb not null default '{}',
    entries bigint not null,
    decided_at timestamptz not null default now()
);

create table quarantine.entry_decision (                    -- which rows: the history of each
    quarantine_id bigint not null,
    decision_id bigint not null references quarantine.decision,
    status_before text not null,
    status_after text not null,
    primary key (quarantine_id, decision_id)
);

create table quality.waiver (                               -- to the end of the day, a failure holds no batch
    waiver_id bigint generated always as identity primary key,
    rule_id text not null,
    agency_code text not null,
    entity_table text not null,
    batch_id uuid not null references quality.batch,        -- the held batch it was granted for
    reason text not null,
    granted_by text not null,
    granted_at timestamptz not null default now(),
    expires_on date not null,
    ended_at timestamptz,
    ended_by text,
    end_reason text
);
create unique index on quality.waiver (rule_id, agency_code, entity_table) where ended_at is null;

