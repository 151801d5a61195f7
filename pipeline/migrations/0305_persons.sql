-- What each entity says of a person, so that a rule about persons known elsewhere costs what its batch has rows. The two
-- tables of the migration before were never filled.

drop table landing.person_fact, landing.person_elsewhere;

create table landing.person_fact (              -- the latest released word of each record
    agency_code text not null,
    entity_table text not null,
    record_id text not null,
    person_key text,                            -- null where another entity of the same key says who it is
    sex text check (sex in ('male', 'female')),
    birth_date date,
    version integer not null,
    batch_id uuid not null,                     -- what a withdrawn batch said counts no longer
    primary key (agency_code, entity_table, record_id)
);
create index on landing.person_fact (person_key) where person_key is not null;

create table landing.person_fact_mark (         -- how far the released batches have been taken in
    only_one boolean primary key default true check (only_one),
    released_seq bigint not null
);
insert into landing.person_fact_mark (released_seq) values (0);

create table landing.person_elsewhere (         -- where others contradict a row, or know what it leaves open; fixed
    batch_id uuid not null,                     -- before anyone judges by it; whose word it is is not kept
    row_id bigint not null,
    sex_differs boolean not null,
    birth_date_differs boolean not null,
    birth_date date                             -- as it is known elsewhere, where the row itself names another or none
);
create index on landing.person_elsewhere (batch_id);

alter table quality.rule add column rejudged_at timestamptz;  -- when this version looked at what older ones kept back
