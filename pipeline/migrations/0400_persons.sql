-- Who is whom: every link of an agency's person to a learner, what is left for people to decide, and what they decided.
-- Bitemporal: a change supersedes and nothing is deleted, so what was known on any day is a query (persons.links_on).

alter table quality.stage_run drop constraint stage_run_stage_check;
alter table quality.stage_run add constraint stage_run_stage_check
    check (stage in ('pull', 'publish', 'land', 'judge', 'model', 'link', 'release', 'vault'));

create index on vault.identity (landed_at);     -- whether names came after the last look

create schema persons;

create table persons.run (                      -- one look of the linkage at everybody
    run_id bigint generated always as identity primary key,
    model_version text not null,
    started_at timestamptz not null,
    ended_at timestamptz not null default now(),
    statements bigint not null,                 -- persons of agencies' systems that were looked at
    recorded bigint not null,                   -- links that are new
    superseded bigint not null,                 -- links that are no more
    opened bigint not null,                     -- candidates that are new
    closed bigint not null,                     -- candidates that no longer are any
    released_seq bigint,                        -- null: nothing of core moves for it
    seen_seq bigint not null                    -- how far core had been built when it looked
);

create table persons.decision (                 -- what a person decided; it wins over every model and outlives them all
    decision_id bigint generated always as identity primary key,
    kind text not null check (kind in ('same', 'different', 'merge')),
    agency_code text,                           -- whose record it is about; null where it is about two learners
    source_name text,
    person_id_agency text,
    learner_key uuid not null,                  -- the learner it is, or is not; of a merge the one that is no more
    other_learner_key uuid,                     -- of a merge the one that stays; of two that differ the other
    candidate_id bigint,
    decided_by text not null,
    reason text not null check (reason <> ''),
    decided_at timestamptz not null default now(),
    undone_by text,
    undone_reason text,
    undone_at timestamptz,
    check ((agency_code is null) = (other_learner_key is not null)),
    check (kind <> 'merge' or agency_code is null),
    check (kind <> 'same' or agency_code is not null),
    check (learner_key <> other_learner_key)
);
create unique index decision_on_record on persons.decision (agency_code, source_name, person_id_agency, learner_key)
    where undone_at is null and agency_code is not null;
create unique index decision_merged_once on persons.decision (learner_key) where undone_at is null and kind = 'merge';

create table persons.link (
    link_id bigint generated always as identity primary key,
    agency_code text not null,
    source_name text not null,
    person_id_agency text not null,
    learner_key uuid not null,                  -- before merges, so that an unmerge finds both lives whole
    stated_learner_key uuid,                    -- learner of the id the agency stated then; null where it stated none
    method text not null check (method in ('exact_person_key', 'model', 'review', 'set_apart')),
    rule_version text not null,                 -- of the model, or of the rule
    score_bits double precision,                -- of the model: log2 of how much likelier one person is than two
    valid_from date,                            -- null: as long as the record has been about somebody
    valid_to date,
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    released_seq bigint,                        -- null where core needs no link to know it: the id itself says so
    superseded_seq bigint,
    run_id bigint references persons.run,
    decision_id bigint references persons.decision,
    decided_by text,
    reason text
);
create unique index link_in_force on persons.link (agency_code, source_name, person_id_agency)
    where superseded_at is null;
create index on persons.link (agency_code, source_name, person_id_agency, recorded_at);
create index on persons.link (learner_key);
create index on persons.link (released_seq) where released_seq is not null;
create index on persons.link (superseded_seq) where superseded_seq is not null;

create table persons.alias (                    -- learners that were merged, and whom each of them stands for at last
    alias_id bigint generated always as identity primary key,
    learner_key uuid not null,
    into_learner_key uuid not null check (into_learner_key <> learner_key),
    recorded_at timestamptz not null default now(),
    superseded_at timestamptz,
    released_seq bigint not null,
    superseded_seq bigint,
    decision_id bigint not null references persons.decision
);
create unique index alias_in_force on persons.alias (learner_key) where superseded_at is null;

create table persons.candidate (                -- the review queue
    candidate_id bigint generated always as identity primary key,
    agency_code text not null,
    source_name text not null,
    person_id_agency text not null,
    learner_key uuid not null,                  -- is this record that learner's?
    other_learner_key uuid,                     -- of one person with two ids: the learner the record's own id says
    why text not null
        check (why in ('too close to call', 'not sure enough', 'one id, two persons', 'one person, two ids',
            'one number, two ids')),
    weight_bits double precision,
    evidence jsonb not null default '{}',       -- level by comparison, never a value
    status text not null default 'open' check (status in ('open', 'same', 'different', 'closed')),
    opened_at timestamptz not null default now(),
    run_id bigint references persons.run,
    model_version text not null,
    decided_by text,
    decided_at timestamptz,
    reason text,
    check ((status = 'open') = (decided_at is null))
);
create unique index candidate_once on persons.candidate (agency_code, source_name, person_id_agency, learner_key)
    where status = 'open';

create function persons.refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.superseded_at is null and new.superseded_at is not null
        and to_jsonb(new) - 'superseded_at' - 'superseded_seq' = to_jsonb(old) - 'superseded_at' - 'superseded_seq'
    then
        return new;
    end if;
    raise exception 'persons.%: what was recorded is superseded once, never changed or deleted', tg_table_name;
end
$$;
create trigger recorded_stays before update or delete on persons.link
    for each row execute function persons.refuse_change();
create trigger recorded_stays before update or delete on persons.alias
    for each row execute function persons.refuse_change();

create function persons.links_on(day timestamptz) returns setof persons.link language sql stable
begin atomic
    select * from persons.link where recorded_at <= day and (superseded_at is null or superseded_at > day);
end;
