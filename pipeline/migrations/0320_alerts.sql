-- What is wrong now: reconciliations, alerts by state, and who was told.

create table quality.reconciliation_run (
    run_id bigint generated always as identity primary key,
    started_at timestamptz not null,
    finished_at timestamptz,
    scope text not null check (scope in ('recent', 'part', 'whole')),
    batches bigint not null default 0           -- looked at
);

create table quality.reconciliation (
    run_id bigint not null references quality.reconciliation_run on delete cascade,
    checked_at timestamptz not null default now(),
    day date,                                   -- Zhejiang's day on which the batches were staged; null: of no batch
    agency_code text not null,
    source text not null,
    entity text not null,
    step text not null check (step in ('landed', 'booked', 'released', 'latest', 'core', 'vault')),
    expected bigint not null,
    found bigint not null,
    difference bigint not null,                 -- records missing and records too many; they never cancel out
    note text,
    batches uuid[] not null default '{}'        -- those that do not balance
);
create index on quality.reconciliation (run_id);
create index on quality.reconciliation (agency_code, source, entity, step, day, run_id desc);

create view quality.imbalance as                -- what does not balance by the last look at it
select latest.*
from (
    select distinct on (agency_code, source, entity, step, day) r.*
    from quality.reconciliation as r
    order by agency_code, source, entity, step, day, run_id desc
) as latest
where latest.difference <> 0;

create table quality.failed_task (              -- tasks that failed for good and have not succeeded since
    dag_id text not null,
    task_id text not null,
    run_id text not null,
    failed_at timestamptz not null,
    agency_code text,
    source text,
    entity text,
    error text not null,
    cause_zh text not null,
    cause_en text not null,
    command text not null,
    primary key (dag_id, task_id)
);

create table quality.alert (
    alert_id bigint generated always as identity primary key,
    kind text not null,                         -- alerting/kinds.yaml; its runbook is docs/runbooks/<kind>.md
    key text not null,                          -- what it is about: one alert of a kind and key at a time
    agency_code text,
    source text,
    entity text,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    title_zh text not null,
    title_en text not null,
    cause_zh text not null,
    cause_en text not null,
    command text not null,
    runbook text not null,
    detail jsonb not null default '{}',
    opened_at timestamptz not null,
    last_seen_at timestamptz not null,
    is_true boolean not null default true,      -- the condition still holds
    acked_at timestamptz,
    acked_by text,
    ack_reason text,
    resolved_at timestamptz,
    resolved_by text                            -- null: it ended by itself
);
create unique index one_alert_at_a_time on quality.alert (kind, key) where is_true;
create index on quality.alert (opened_at);

create table quality.alert_message (
    message_id uuid primary key,
    recipient text not null,                    -- a group of alerting.yml
    channel text not null,                      -- 'mail', or the name of a webhook
    subject text not null,
    body jsonb not null,                        -- text, html and the webhook's document
    created_at timestamptz not null,
    status text not null default 'waiting' check (status in ('waiting', 'sent', 'dropped')),
    tries integer not null default 0,
    next_try_at timestamptz not null,
    sent_at timestamptz,
    error text
);
create index on quality.alert_message (next_try_at) where status = 'waiting';
create index on quality.alert_message (recipient, created_at);

create table quality.alert_told (
    alert_id bigint not null references quality.alert,
    recipient text not null,
    event text not null check (event in ('opened', 'reminder', 'resolved')),
    told_at timestamptz not null
);
create index on quality.alert_told (alert_id, recipient);
