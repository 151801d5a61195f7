-- The quality officer's desk: who may sit at it, their tokens, and views that show the agencies they answer for alone.

create table portal.officer (
    name text primary key,
    role text not null check (role in ('viewer', 'officer', 'steward')),
    agencies text[],                            -- null: every agency
    added_at timestamptz not null default now(),
    ended_at timestamptz
);

create table portal.officer_token (             -- apart from the agencies': other roles make and check them
    token_id text primary key,
    officer text not null references portal.officer,
    digest bytea not null,
    label text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    last_used_at timestamptz
);
create index on portal.officer_token (officer);

-- Whoever reads for an officer names their agencies once (setting flyover.officer_agencies: codes joined by commas, or
-- '*' for every one); while none are named, each view is empty. Payloads and sealed text are in none of them: they are
-- shown by expectations.decisions, which asks for the role and keeps who looked.

create function portal.is_theirs(agency_code text) returns boolean
language sql stable parallel safe
return coalesce(
    current_setting('flyover.officer_agencies', true) = '*'
    or agency_code = any(string_to_array(current_setting('flyover.officer_agencies', true), ',')),
    false
);

create view portal.officer_waiting with (security_barrier) as
select q.agency_code, q.entity_table, rule_id, q.status, count(*) as entries, min(q.opened_at) as since
from quarantine.entry as q
cross join unnest(q.rule_ids) as rule_id
where portal.is_theirs(q.agency_code)
group by q.agency_code, q.entity_table, rule_id, q.status;

create view portal.officer_entries with (security_barrier) as
select q.quarantine_id, q.entity_table, q.batch_id, q.agency_code, q.stage, q.rule_ids, q.status, q.opened_at
from quarantine.entry as q
where portal.is_theirs(q.agency_code);

create view portal.officer_batches with (security_barrier) as
select
    b.batch_id, b.delivery_id, b.agency_code, b.source, b.entity, b.source || '__' || b.entity as entity_table,
    b.status, b.replay_of, b.received, b.released, b.quarantined, b.duplicate, b.refused, b.held,
    b.first_landed_at, b.judged_at, b.decided_at, b.decided_by, b.decision_reason, b.modelled_at, d.origin
from quality.batch as b
left join connect.delivery as d on b.delivery_id = d.delivery_id
where portal.is_theirs(b.agency_code);

create view portal.officer_rule_results with (security_barrier) as
select b.agency_code, r.batch_id, r.rule_id, r.severity, r.scope, r.passed, r.evaluated, r.failed, r.judged_at
from quality.rule_result as r
inner join quality.batch as b on r.batch_id = b.batch_id
where portal.is_theirs(b.agency_code);

-- What was decided: one line a decision about rows, one a decision about a batch.
create index on quarantine.decision (decided_at);
create index on quarantine.entry_decision (decision_id);
create index on audit.entry (at) where action like 'batch %';

create view portal.officer_decided with (security_barrier) as
select e.decision_id, e.quarantine_id
from quarantine.entry_decision as e
inner join quarantine.entry as q on e.quarantine_id = q.quarantine_id
where portal.is_theirs(q.agency_code);

create view portal.officer_trail with (security_barrier) as
select
    d.decided_at as at, d.actor, d.role, 'rows' as about, d.action, d.reason, d.expires_on,
    (
        select count(*)
        from quarantine.entry_decision as e
        inner join quarantine.entry as q on e.quarantine_id = q.quarantine_id
        where e.decision_id = d.decision_id and portal.is_theirs(q.agency_code)
    ) as rows,
    d.decision_id, null::uuid as batch_id
from quarantine.decision as d
where exists (
    select from quarantine.entry_decision as e
    inner join quarantine.entry as q on e.quarantine_id = q.quarantine_id
    where e.decision_id = d.decision_id and portal.is_theirs(q.agency_code)
)
union all
select
    a.at, a.actor, a.detail ->> 'role', 'batch', a.action, a.detail ->> 'reason', null, b.received,
    null, b.batch_id
from audit.entry as a
inner join quality.batch as b on a.object = b.batch_id::text
where a.action like 'batch %' and portal.is_theirs(b.agency_code);

-- What the house has raised the alarm about; what is about no agency is for those who answer for all.
create view portal.officer_alerts with (security_barrier) as
select
    alert_id, kind, agency_code, severity, title_zh, title_en, cause_zh, cause_en, command, runbook, opened_at, acked_by
from quality.alert
where is_true and resolved_at is null and portal.is_theirs(agency_code);
