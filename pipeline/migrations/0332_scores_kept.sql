-- A batch's score never changes once it is judged: kept beside it, so that pages of years cost no more than of days.

create table quality.batch_score (
    batch_id uuid not null references quality.batch on delete cascade,
    dimension text not null,                    -- all: over every rule
    checks numeric not null,                    -- weighted
    failed numeric not null,
    primary key (batch_id, dimension)
);

create index on quality.batch (replay_of) where replay_of is not null;

create function quality.forget_score() returns trigger language plpgsql security definer set search_path = '' as $$
begin
    delete from quality.batch_score where batch_id in (select gone.batch_id from gone);
    return null;
end
$$;
create trigger judged_again after delete on quality.rule_result
referencing old table as gone for each statement execute function quality.forget_score();

create or replace view quality.rule_check as
select
    r.batch_id, r.rule_id, r.severity, r.dimension,
    case r.scope when 'table' then greatest(b.received, 1) else r.evaluated end as checks,
    -- a rule about the whole batch counts as much as one about each of its rows
    case when r.scope <> 'table' then r.failed when r.passed then 0 else greatest(b.received, 1) end as failed
from quality.rule_result as r
inner join quality.batch as b on r.batch_id = b.batch_id
where b.status not in ('landing', 'landed')
union all
select
    b.batch_id, 'contract.' || kind.dimension, 'critical', kind.dimension, b.received,
    (
        select coalesce(sum(u.failed), 0)
        from quality.unread as u
        where u.batch_id = b.batch_id and u.dimension = kind.dimension
    )
from quality.batch as b
cross join (values ('completeness'), ('validity')) as kind (dimension)
where b.received > 0 and b.status not in ('landing', 'landed');

create view quality.score_not_kept as           -- of batches judged since scores were last kept
select b.batch_id, counted.dimension, counted.checks, counted.failed
from quality.batch as b
cross join lateral (
    select
        coalesce(c.dimension, 'all') as dimension, sum(w.weight * c.checks) as checks,
        sum(w.weight * c.failed) as failed
    from quality.rule_check as c
    inner join quality.severity_weight as w on c.severity = w.severity
    where c.batch_id = b.batch_id
    group by grouping sets ((c.dimension), ())
) as counted
where b.status not in ('landing', 'landed') and counted.checks is not null
    and not exists (select from quality.batch_score as s where s.batch_id = b.batch_id);

create or replace view quality.score as
select
    b.agency_code, b.entity_table, b.batch_id, b.delivery_id, b.judged_at, b.month, b.replay_of, b.is_recent,
    counted.dimension, counted.checks, counted.failed, quality.score_of(counted.checks, counted.failed) as score
from quality.judged_batch as b
inner join (
    select batch_id, dimension, checks, failed from quality.batch_score
    union all
    select batch_id, dimension, checks, failed from quality.score_not_kept
) as counted on b.batch_id = counted.batch_id;

create or replace view quality.score_trend as    -- apart, so that whoever asks for one dimension groups only that
select
    agency_code, entity_table, dimension, delivery_id, max(judged_at) as judged_at,
    sum(checks) as checks, sum(failed) as failed, quality.score_of(sum(checks), sum(failed)) as score
from quality.score
where replay_of is null
group by agency_code, entity_table, dimension, delivery_id
union all
select
    agency_code, 'all' as entity_table, dimension, delivery_id, max(judged_at) as judged_at,
    sum(checks) as checks, sum(failed) as failed, quality.score_of(sum(checks), sum(failed)) as score
from quality.score
where replay_of is null
group by agency_code, dimension, delivery_id;
