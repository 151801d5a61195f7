-- Tables that people's roles reach are kept by agency (pipeline/rights): every view over them asks as its reader, so that
-- a right or a policy on the table holds in the view too. An officer may have a login of their own.

alter table portal.officer add column login text unique;    -- a role of the server, member of quality_officer

-- Whose a row is stands with its history, too: to look it up for each of a large decision's rows would cost minutes.
alter table quarantine.entry_decision add column agency_code text;
update quarantine.entry_decision as e set agency_code = q.agency_code
from quarantine.entry as q where q.quarantine_id = e.quarantine_id;

-- Asked by policies about whoever came in with this name; no setting and no SET ROLE changes session_user.
create function portal.sees_every_agency() returns boolean
language sql stable security definer set search_path = ''
return session_user = 'quality_officer' or exists (
    select from portal.officer as o where o.login = session_user and o.ended_at is null and o.agencies is null
);

create function portal.own_agencies() returns text[]
language sql stable security definer set search_path = ''
return coalesce(
    (select o.agencies from portal.officer as o where o.login = session_user and o.ended_at is null), '{}'::text[]
);

alter view quality.books set (security_invoker = true);
alter view quality.judged_batch set (security_invoker = true);
alter view quality.unread set (security_invoker = true);
alter view quality.rule_check set (security_invoker = true);
alter view quality.score set (security_invoker = true);
alter view quality.standing set (security_invoker = true);
alter view quality.score_trend set (security_invoker = true);
alter view quality.top_rules set (security_invoker = true);
alter view quality.worst_fields set (security_invoker = true);
alter view quality.feed set (security_invoker = true);
alter view quality.held_batch set (security_invoker = true);
alter view quality.punctuality set (security_invoker = true);
alter view quality.monthly_score set (security_invoker = true);
alter view quality.scorecard set (security_invoker = true);
alter view quality.scorecard_problem set (security_invoker = true);
alter view quality.score_not_kept set (security_invoker = true);
alter view quality.imbalance set (security_invoker = true);
alter view quality.batch_place set (security_invoker = true);
alter view quality.feed_standing set (security_invoker = true);

-- The agencies' views keep their condition: the trial run of a file reads them as a role that lands and judges, too.
alter view portal.uploads set (security_invoker = true);
alter view portal.deliveries set (security_invoker = true);
alter view portal.refusals set (security_invoker = true);
alter view portal.repairs set (security_invoker = true);
alter view portal.batches set (security_invoker = true);
alter view portal.rule_results set (security_invoker = true);
alter view portal.kept_back set (security_invoker = true);
alter view portal.corrections set (security_invoker = true);
alter view portal.correction_rows set (security_invoker = true);

alter view portal.officer_waiting set (security_invoker = true);
alter view portal.officer_entries set (security_invoker = true);
alter view portal.officer_batches set (security_invoker = true);
alter view portal.officer_rule_results set (security_invoker = true);
alter view portal.officer_alerts set (security_invoker = true);

-- Of these the tables' policies say the same already, and saying it twice would be asked twice.
create or replace view portal.officer_decided with (security_barrier, security_invoker) as
select decision_id, quarantine_id
from quarantine.entry_decision;

create or replace view portal.officer_trail with (security_barrier, security_invoker) as
select
    d.decided_at as at, d.actor, d.role, 'rows' as about, d.action, d.reason, d.expires_on,
    (select count(*) from quarantine.entry_decision as e where e.decision_id = d.decision_id) as rows,
    d.decision_id, null::uuid as batch_id
from quarantine.decision as d
union all
select
    a.at, a.actor, a.detail ->> 'role', 'batch', a.action, a.detail ->> 'reason', null, b.received,
    null, b.batch_id
from audit.entry as a
inner join quality.batch as b on a.object = b.batch_id::text
where a.action like 'batch %';
