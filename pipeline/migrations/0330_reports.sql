-- What the quality pages show, as SQL: scores, what fails most, deliveries in time, the monthly scorecard.
-- Formulas and their reasons: docs/reference/quality-score.md.

create table quality.severity_weight (
    severity text primary key,
    weight integer not null
);
insert into quality.severity_weight (severity, weight) values ('critical', 5), ('warning', 2), ('info', 1);

create table quality.rule_field (                -- which fields of the contract a rule looks at; follows the suites
    rule_id text not null,
    field text not null,
    primary key (rule_id, field)
);

create table quality.deadline (                  -- kept as it stood on the day: a schedule changed later changes none
    agency_code text not null,
    due_at timestamptz not null,
    opens_at timestamptz not null,               -- what came from here on counts for this deadline
    closes_at timestamptz not null,              -- and from here on for the next
    primary key (agency_code, due_at)
);

create function quality.month_of(at timestamptz) returns text stable
return to_char(at at time zone 'Asia/Shanghai', 'YYYY-MM');

-- cut, never rounded: what failed once is not 100
create function quality.score_of(checks numeric, failed numeric) returns numeric immutable
return trunc(100 * (checks - failed) / nullif(checks, 0), 2);

-- batches -----------------------------------------------------------------------------------------------------------

create view quality.judged_batch as
select
    batch_id, delivery_id, agency_code, source || '__' || entity as entity_table, status, replay_of,
    received, released, quarantined, duplicate, refused, held, redelivered,
    judged_at, decided_at, decided_by, decision_reason,
    quality.month_of(judged_at) as month,
    -- a replay carries rows an officer mended: it says nothing about what the agency sends
    replay_of is null
    and judged_at > max(judged_at) filter (where replay_of is null) over (partition by agency_code) - interval '30 days'
        as is_recent
from quality.batch
where status not in ('landing', 'landed') and judged_at is not null;

create view quality.unread as                    -- rows kept back before any rule was asked
select
    q.batch_id, rule_id,
    case rule_id when 'contract.required' then 'completeness' else 'validity' end as dimension,
    count(*) as failed
from quarantine.entry as q
cross join unnest(q.rule_ids) as rule_id
where q.stage in ('parse', 'decode')
group by q.batch_id, rule_id;

-- scores ------------------------------------------------------------------------------------------------------------

create view quality.rule_check as
select
    r.batch_id, r.rule_id, r.severity, r.dimension,
    case r.scope when 'table' then greatest(b.received, 1) else r.evaluated end as checks,
    -- a rule about the whole batch counts as much as one about each of its rows
    case when r.scope <> 'table' then r.failed when r.passed then 0 else greatest(b.received, 1) end as failed
from quality.rule_result as r
inner join quality.judged_batch as b on r.batch_id = b.batch_id
union all
select
    b.batch_id, 'contract.' || kind.dimension, 'critical', kind.dimension, b.received,
    coalesce(sum(u.failed), 0)
from quality.judged_batch as b
cross join (values ('completeness'), ('validity')) as kind (dimension)
left join quality.unread as u on b.batch_id = u.batch_id and kind.dimension = u.dimension
where b.received > 0
group by b.batch_id, kind.dimension, b.received;

create view quality.score as
select
    b.agency_code, b.entity_table, b.batch_id, b.delivery_id, b.judged_at, b.month, b.replay_of, b.is_recent,
    counted.dimension, counted.checks, counted.failed, quality.score_of(counted.checks, counted.failed) as score
from quality.judged_batch as b
inner join (
    select
        c.batch_id, coalesce(c.dimension, 'all') as dimension,
        sum(w.weight * c.checks) as checks, sum(w.weight * c.failed) as failed
    from quality.rule_check as c
    inner join quality.severity_weight as w on c.severity = w.severity
    group by grouping sets ((c.batch_id, c.dimension), (c.batch_id))
) as counted on b.batch_id = counted.batch_id;
comment on view quality.score is 'Score of each batch by dimension and over all, 0-100; checks and failed are weighted';

create view quality.standing as
select
    agency_code, coalesce(entity_table, 'all') as entity_table, dimension,
    count(distinct batch_id) as batches, sum(checks) as checks, sum(failed) as failed,
    quality.score_of(sum(checks), sum(failed)) as score
from quality.score
where is_recent
group by grouping sets ((agency_code, entity_table, dimension), (agency_code, dimension));
comment on view quality.standing is 'Score of an agency and of each of its tables, over the 30 days to its last verdict';

create view quality.score_trend as
select
    agency_code, coalesce(entity_table, 'all') as entity_table, dimension, delivery_id, max(judged_at) as judged_at,
    sum(checks) as checks, sum(failed) as failed, quality.score_of(sum(checks), sum(failed)) as score
from quality.score
where replay_of is null
group by grouping sets ((agency_code, entity_table, dimension, delivery_id), (agency_code, dimension, delivery_id));
comment on view quality.score_trend is 'The same by delivery, for an agency and for each of its tables';

-- what fails most -----------------------------------------------------------------------------------------------------

create view quality.top_rules as
with met as (
    select
        b.agency_code, b.entity_table, r.rule_id, r.severity, r.dimension, r.scope, r.evaluated, r.failed,
        r.passed, b.judged_at
    from quality.judged_batch as b
    inner join quality.rule_result as r on b.batch_id = r.batch_id
    where b.is_recent
    union all
    select
        b.agency_code, b.entity_table, u.rule_id, 'critical', u.dimension, 'row', b.received, u.failed, false,
        b.judged_at
    from quality.judged_batch as b
    inner join quality.unread as u on b.batch_id = u.batch_id
    where b.is_recent
),

failed as (
    select
        agency_code, entity_table, rule_id, (array_agg(severity order by judged_at desc))[1] as severity,
        (array_agg(dimension order by judged_at desc))[1] as dimension,
        (array_agg(scope order by judged_at desc))[1] as scope, sum(evaluated) as evaluated, sum(failed) as failed,
        count(*) filter (where not passed) as batches, max(judged_at) filter (where not passed) as last_failed_at
    from met
    group by agency_code, entity_table, rule_id
),

waiting as (
    select
        q.agency_code, q.entity_table, rule_id,
        count(*) filter (where q.status = 'open') as open, count(*) filter (where q.status = 'returned') as returned
    from quarantine.entry as q
    inner join quality.judged_batch as b on q.batch_id = b.batch_id
    cross join unnest(q.rule_ids) as rule_id
    where q.status in ('open', 'returned')
    group by q.agency_code, q.entity_table, rule_id
)

select
    agency_code, entity_table, rule_id,
    coalesce(f.severity, 'critical') as severity, f.dimension, f.scope,
    coalesce(f.evaluated, 0) as evaluated, coalesce(f.failed, 0) as failed, coalesce(f.batches, 0) as batches,
    f.last_failed_at, coalesce(w.open, 0) as open, coalesce(w.returned, 0) as returned,
    coalesce(w.open + w.returned, 0) as waiting
from failed as f
full join waiting as w using (agency_code, entity_table, rule_id)
where f.failed > 0 or w.open + w.returned > 0;
comment on view quality.top_rules is 'Rules failed in the 30 days to an agency''s last verdict, or with rows that wait';

create view quality.worst_fields as
with failures as (
    select t.agency_code, t.entity_table, f.field, t.rule_id, t.failed
    from quality.top_rules as t
    inner join quality.rule_field as f on t.rule_id = f.rule_id
    where t.failed > 0 and t.scope <> 'table'
    union all
    select
        b.agency_code, b.entity_table,
        -- the decoder names the field and never quotes a value
        coalesce(
            o.field,
            substring(q.detail from '`\$\.data\.([^`\[]+)'),
            substring(q.detail from 'missing required field `([^`]+)`')
        ), rule_id, count(*)
    from quality.judged_batch as b
    inner join quarantine.entry as q on b.batch_id = q.batch_id and q.stage in ('parse', 'decode')
    cross join unnest(q.rule_ids) as rule_id
    left join connect.outbox as o on q.batch_id = o.batch_id and q.batch_seq = o.batch_seq
    where b.is_recent
    group by 1, 2, 3, 4
)

select agency_code, entity_table, field, count(distinct rule_id) as rules, sum(failed) as failed
from failures
where field is not null
group by agency_code, entity_table, field;
comment on view quality.worst_fields is 'Fields that failing rules look at, over the 30 days to an agency''s last verdict';

create view quality.feed as
with kept as (
    select agency_code, entity_table, count(*) as waiting
    from quarantine.entry
    where status in ('open', 'returned')
    group by agency_code, entity_table
)

select
    b.agency_code, b.source || '__' || b.entity as entity_table, count(*) as batches,
    coalesce(sum(b.received) filter (where b.status not in ('landing', 'landed')), 0) as received,
    sum(b.released) as released, sum(b.quarantined) as quarantined, sum(b.duplicate) as duplicate,
    sum(b.refused) as refused, sum(b.held) as held,
    coalesce(sum(b.received) filter (where b.status in ('landing', 'landed')), 0) as under_way,
    count(*) filter (where b.status = 'held') as held_batches,
    coalesce(max(k.waiting), 0) as waiting, max(b.judged_at) as judged_at
from quality.batch as b
left join kept as k on b.agency_code = k.agency_code and b.source || '__' || b.entity = k.entity_table
group by b.agency_code, b.source, b.entity;
comment on view quality.feed is 'Books of each table an agency sends, and what of it waits for a decision';

create view quality.held_batch as
select
    b.batch_id, b.agency_code, b.entity_table, b.month, b.judged_at, b.received, b.decided_at,
    case b.status when 'held' then 'waiting' else b.status end as ended,
    array_agg(r.rule_id order by r.rule_id) as rule_ids
from quality.judged_batch as b
inner join quality.rule_result as r on b.batch_id = r.batch_id
where r.scope = 'table' and r.severity = 'critical' and not r.passed and not r.waived
    and (b.status = 'held' or b.decided_at is not null)
group by b.batch_id, b.agency_code, b.entity_table, b.month, b.judged_at, b.received, b.decided_at, b.status;
comment on view quality.held_batch is 'Batches that were held, the rules that held them, and how it ended';

-- the month -----------------------------------------------------------------------------------------------------------

create view quality.punctuality as
select
    d.agency_code, d.due_at, quality.month_of(d.due_at) as month, came.arrived_at,
    case
        when came.arrived_at <= d.due_at then 'on time'
        when came.arrived_at is not null then 'late'
        when d.due_at > now() then 'waiting'
        -- a live system that had nothing new leaves no delivery
        when exists (select from connect.cursor as c where c.agency_code = d.agency_code) then 'nothing new'
        else 'missing'
    end as state
from quality.deadline as d
cross join lateral (
    select min(c.staged_at) as arrived_at
    from connect.delivery as c
    where c.agency_code = d.agency_code and c.mode <> 'replay'
        and c.staged_at >= d.opens_at and c.staged_at < d.closes_at
) as came;
comment on view quality.punctuality is 'Each delivery that was due, and whether it came in time';

create view quality.monthly_score as
with scores as (
    select
        agency_code, month, dimension, sum(checks) as checks, sum(failed) as failed,
        quality.score_of(sum(checks), sum(failed)) as score
    from quality.score
    where replay_of is null
    group by agency_code, month, dimension
)

select this.*, before.score as score_before
from scores as this
left join scores as before
    on this.agency_code = before.agency_code and this.dimension = before.dimension
        and before.month = to_char(to_date(this.month, 'YYYY-MM') - interval '1 month', 'YYYY-MM');
comment on view quality.monthly_score is 'Score of an agency by month and dimension, beside that of the month before';

create view quality.scorecard as
with books as (
    select
        agency_code, month, count(distinct delivery_id) as deliveries, count(*) as batches,
        sum(received) as received, sum(released) as released, sum(quarantined) as quarantined,
        sum(duplicate) as duplicate, sum(refused) as refused, sum(held) as held
    from quality.judged_batch
    where replay_of is null
    group by agency_code, month
),

due as (
    select
        agency_code, month, count(*) filter (where state <> 'nothing new') as due,
        count(*) filter (where state = 'on time') as on_time, count(*) filter (where state = 'late') as late,
        count(*) filter (where state = 'missing') as missing
    from quality.punctuality
    where state <> 'waiting'
    group by agency_code, month
),

closed as (
    select
        q.agency_code, coalesce(b.judged_at, q.decided_at) as mended_at,
        extract(epoch from coalesce(b.judged_at, q.decided_at) - q.opened_at) / 3600 as hours
    from quarantine.entry as q
    left join quality.batch as b on q.replay_batch_id = b.batch_id
    where q.status = 'closed'
),

mended as (
    select
        agency_code, quality.month_of(mended_at) as month, count(*) as mended,
        round(percentile_cont(0.5) within group (order by hours)::numeric, 1) as median_hours_to_mend
    from closed
    group by agency_code, quality.month_of(mended_at)
),

waiting as (
    select b.agency_code, b.month, count(*) as waiting
    from quarantine.entry as q
    inner join quality.judged_batch as b on q.batch_id = b.batch_id
    where q.status in ('open', 'returned')
    group by b.agency_code, b.month
),

kept_back as (
    select
        agency_code, month, count(*) as held_batches,
        count(*) filter (where ended = 'released') as held_released,
        count(*) filter (where ended = 'refused') as held_refused,
        count(*) filter (where ended = 'waiting') as held_waiting
    from quality.held_batch
    group by agency_code, month
),

months as (
    select agency_code, month from books
    union
    select agency_code, month from due
    union
    select agency_code, month from mended
)

select
    agency_code, month,
    coalesce(b.deliveries, 0) as deliveries, coalesce(b.batches, 0) as batches,
    coalesce(b.received, 0) as received, coalesce(b.released, 0) as released,
    coalesce(b.quarantined, 0) as quarantined, coalesce(b.duplicate, 0) as duplicate,
    coalesce(b.refused, 0) as refused, coalesce(b.held, 0) as held,
    coalesce(d.due, 0) as due, coalesce(d.on_time, 0) as on_time, coalesce(d.late, 0) as late,
    coalesce(d.missing, 0) as missing,
    coalesce(m.mended, 0) as mended, m.median_hours_to_mend, coalesce(w.waiting, 0) as waiting,
    coalesce(k.held_batches, 0) as held_batches, coalesce(k.held_released, 0) as held_released,
    coalesce(k.held_refused, 0) as held_refused, coalesce(k.held_waiting, 0) as held_waiting
from months
left join books as b using (agency_code, month)
left join due as d using (agency_code, month)
left join mended as m using (agency_code, month)
left join waiting as w using (agency_code, month)
left join kept_back as k using (agency_code, month);
comment on view quality.scorecard is 'What an agency sent in a month and what became of it, to the row';

create view quality.scorecard_problem as
with met as (
    select b.agency_code, b.month, b.entity_table, r.rule_id, r.severity, r.failed
    from quality.judged_batch as b
    inner join quality.rule_result as r on b.batch_id = r.batch_id
    where b.replay_of is null and not r.passed
    union all
    select b.agency_code, b.month, b.entity_table, u.rule_id, 'critical', u.failed
    from quality.judged_batch as b
    inner join quality.unread as u on b.batch_id = u.batch_id
    where b.replay_of is null
),

summed as (
    select
        m.agency_code, m.month, m.entity_table, m.rule_id,
        (array_agg(m.severity order by w.weight desc))[1] as severity, sum(m.failed) as failed,
        count(*) as batches, max(w.weight) as weight
    from met as m
    inner join quality.severity_weight as w on m.severity = w.severity
    group by m.agency_code, m.month, m.entity_table, m.rule_id
)

select
    agency_code, month, entity_table, rule_id, severity, failed, batches,
    row_number() over (partition by agency_code, month order by weight * failed desc, rule_id) as place
from summed;
comment on view quality.scorecard_problem is 'What failed in a month, what weighs most first';
