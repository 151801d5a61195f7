-- The credit bank's ledger: double entry, only ever added to. What follows from the bank's records is worked out by
-- ledger/book.py; what was posted and no longer follows is reversed, never changed.

alter table quality.stage_run drop constraint stage_run_stage_check;
alter table quality.stage_run add constraint stage_run_stage_check
    check (stage in ('pull', 'publish', 'land', 'judge', 'model', 'link', 'post', 'release', 'vault'));

create schema ledger;
create sequence ledger.posting_id;
create sequence ledger.run_id;

create table ledger.run (                       -- one look at the events that moved something
    run_id bigint primary key,
    recorded_at timestamptz not null,
    released_seq bigint not null,               -- by which core takes in its postings
    postings bigint not null,
    reversals bigint not null
);
create index on ledger.run (released_seq);

create table ledger.account (
    account_key uuid primary key,
    agency_code text not null,
    kind text not null check (kind in ('issued', 'available', 'recognised', 'expired', 'revoked', 'withdrawn')),
    owner_id text not null,                     -- the issuer; else the account's number, or the enrolment for a person
    institution_code text,
    programme_code text,
    check ((kind = 'recognised') = (institution_code is not null and programme_code is not null)),
    unique nulls not distinct (agency_code, kind, owner_id, institution_code, programme_code)
);

create table ledger.posting (
    posting_id bigint primary key,
    run_id bigint not null references ledger.run deferrable initially deferred,
    content_key uuid not null,                  -- stands for all that was posted and why: the same twice is no news
    kind text not null
        check (kind in ('deposit', 'conversion', 'transfer', 'expiry', 'revocation', 'withdrawal', 'reversal')),
    reverses bigint unique references ledger.posting deferrable initially deferred,
    agency_code text not null,
    owner_id text not null,                     -- whose events it follows from
    source_entity text not null,
    record_id text not null,
    event_id uuid not null,                     -- of the record's version that was known then
    category_code text,
    rule_version text,
    effective_on date not null,                 -- valid time
    recorded_at timestamptz not null,           -- system time
    check ((kind = 'reversal') = (reverses is not null))
);
create index on ledger.posting (agency_code, owner_id);
create index on ledger.posting (run_id);

create table ledger.entry (
    posting_id bigint not null references ledger.posting,
    line smallint not null,
    account_key uuid not null references ledger.account,
    outcome_id text,
    amount numeric(14, 4) not null check (amount <> 0),  -- debit above zero, credit below
    unit text not null default 'credit',
    primary key (posting_id, line)
);
create index on ledger.entry (account_key);

create table ledger.mark (                      -- what was taken in: one row an owner of events
    agency_code text not null,
    owner_id text not null,
    holder_key uuid not null,
    digest text not null,                       -- of the owner's events and of the rules
    due_date date,                              -- when something happens by itself next
    primary key (agency_code, owner_id)
);
create index on ledger.mark (agency_code, holder_key);

create table ledger.disagreement (              -- the bank's word against what the rules give: both are kept
    disagreement_id bigint generated always as identity primary key,
    agency_code text not null,
    owner_id text not null,
    source_entity text not null,
    record_id text not null,
    reason text not null,
    bank_says numeric(14, 4) not null,
    rules_give numeric(14, 4),
    steps text[] not null default '{}',         -- of the conversion, that took something away
    rule_version text,
    recorded_at timestamptz not null,
    superseded_at timestamptz                   -- no longer so
);
create unique index disagreement_in_force on ledger.disagreement (agency_code, owner_id, source_entity, record_id, reason)
    where superseded_at is null;
create index on ledger.disagreement (agency_code, owner_id) where superseded_at is null;

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'ledger.%: what was posted stays; post a reversal instead', tg_table_name;
end
$$;
create trigger posted_stays before update or delete or truncate on ledger.entry
    for each statement execute function ledger.refuse_change();
create trigger posted_stays before update or delete or truncate on ledger.posting
    for each statement execute function ledger.refuse_change();
create trigger posted_stays before update or delete or truncate on ledger.run
    for each statement execute function ledger.refuse_change();
create trigger opened_stays before update or delete or truncate on ledger.account
    for each statement execute function ledger.refuse_change();

create function ledger.refuse_imbalance() returns trigger language plpgsql as $$
declare
    odd bigint;
begin
    select e.posting_id into odd
    from ledger.entry as e
    where e.posting_id in (select posting_id from added)
    group by e.posting_id, e.unit
    having sum(e.amount) <> 0
    limit 1;
    if found then
        raise exception 'ledger.entry: posting % does not sum to zero', odd;
    end if;
    return null;
end
$$;
create trigger sums_to_zero after insert on ledger.entry
    referencing new table as added for each statement execute function ledger.refuse_imbalance();

create view ledger.entries as                   -- one row an entry, with all that is known of it
select
    p.posting_id, e.line, p.kind, p.reverses, p.agency_code, p.owner_id, p.source_entity, p.record_id, p.event_id,
    p.category_code, p.rule_version, p.effective_on, p.recorded_at, e.account_key, a.kind as account_kind,
    a.owner_id as account_owner_id, a.institution_code, a.programme_code, e.outcome_id, e.amount, e.unit,
    r.released_seq
from ledger.entry as e
inner join ledger.posting as p on e.posting_id = p.posting_id
inner join ledger.run as r on p.run_id = r.run_id
inner join ledger.account as a on e.account_key = a.account_key;

-- balances on any day, by what was known at any moment
create function ledger.balances(on_day date, known_at timestamptz)
returns table (
    account_key uuid, agency_code text, account_kind text, owner_id text, institution_code text, programme_code text,
    outcome_id text, unit text, amount numeric
) language sql stable
begin atomic
    select
        account_key, agency_code, account_kind, account_owner_id, institution_code, programme_code, outcome_id, unit,
        sum(amount)
    from ledger.entries
    where effective_on <= on_day and recorded_at <= known_at
    group by account_key, agency_code, account_kind, account_owner_id, institution_code, programme_code, outcome_id, unit
    having sum(amount) <> 0;
end;

-- accounts that a run has moved and that are below zero on some day: no run may leave one
create function ledger.overdrawn(of_run bigint)
returns table (account_key uuid, outcome_id text, unit text, effective_on date, amount numeric) language sql stable
begin atomic
    with moved as (
        select distinct e.account_key
        from ledger.entry as e
        inner join ledger.posting as p on e.posting_id = p.posting_id
        inner join ledger.account as a on e.account_key = a.account_key
        where p.run_id = of_run and a.kind <> 'issued'
    ),

    daily as (
        select
            e.account_key, e.outcome_id, e.unit, p.effective_on,
            sum(sum(e.amount)) over (
                partition by e.account_key, e.outcome_id, e.unit order by p.effective_on
            ) as amount
        from ledger.entry as e
        inner join moved on e.account_key = moved.account_key
        inner join ledger.posting as p on e.posting_id = p.posting_id
        group by e.account_key, e.outcome_id, e.unit, p.effective_on
    )

    select account_key, outcome_id, unit, effective_on, amount from daily where amount < 0;
end;
