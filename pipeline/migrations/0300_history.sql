-- What a batch looked like, what its agency's own past made one expect of it, and which version of a rule judged it.

create table quality.profile (                  -- by set, in the transaction that marks duplicates; no value of a person
    batch_id uuid not null references quality.batch on delete cascade,
    measure text not null,                      -- volume, deleted_share, null_share, codes, number, dates, last_term
    field text not null default '',             -- column; '' for the batch as a whole
    value double precision,
    detail jsonb,                               -- counts by code, quantiles, first and last day
    primary key (batch_id, measure, field)
);

create table quality.history (                  -- what a rule of kind history compared, fixed before anyone judges by it
    batch_id uuid not null references quality.batch on delete cascade,
    rule_id text not null,
    observed double precision,                  -- null: could not be measured, or too little to compare
    low double precision,                       -- null: no bound on this side
    high double precision,
    evidence jsonb not null,
    primary key (batch_id, rule_id)
);

create table quality.rule (                     -- every version of a rule's check that ever judged
    rule_id text not null,
    fingerprint text not null,
    definition jsonb not null,                  -- check, severity, dimension, scope, owner and texts as they then were
    first_used_at timestamptz not null default now(),
    primary key (rule_id, fingerprint)
);

alter table quality.rule_result
    add column fingerprint text,                -- version of the rule that judged
    add column evidence jsonb,                  -- of a rule about history: observed, low, high, baseline, batches, because
    add column waived boolean not null default false;  -- failed, and held nothing: a waiver stood
create index on quality.rule_result (rule_id);
create index on quality.batch (agency_code, source, entity, judged_at);

-- What each entity says of a person, kept by person: a rule about persons known elsewhere costs what its batch has rows.

create table landing.person_fact (
    agency_code text not null,
    entity_table text not null,
    record_id text not null,
    person_key text not null,
    sex text check (sex in ('male', 'female')),
    birth_date date,
    version integer not null,
    batch_id uuid not null,                     -- a fact of a refused batch is none
    primary key (agency_code, entity_table, record_id)
);
create index on landing.person_fact (person_key);

create table landing.person_elsewhere (         -- contradictions with a batch being judged, fixed before anyone judges
    batch_id uuid not null,
    person_key text not null,
    sex text,
    birth_date date
);
create index on landing.person_elsewhere (batch_id);
