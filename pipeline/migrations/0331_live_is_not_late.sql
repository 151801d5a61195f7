-- When a live system is asked is our doing: what it gives is on time whenever it comes, as the calendar says, too.

create or replace view quality.punctuality as
select
    d.agency_code, d.due_at, quality.month_of(d.due_at) as month, came.arrived_at,
    case
        when live.is_live and came.arrived_at is not null then 'on time'
        when came.arrived_at <= d.due_at then 'on time'
        when came.arrived_at is not null then 'late'
        when d.due_at > now() then 'waiting'
        -- one that had nothing new leaves no delivery
        when live.is_live then 'nothing new'
        else 'missing'
    end as state
from quality.deadline as d
cross join lateral (
    select exists (select from connect.cursor as c where c.agency_code = d.agency_code) as is_live
) as live
cross join lateral (
    select min(c.staged_at) as arrived_at
    from connect.delivery as c
    where c.agency_code = d.agency_code and c.mode <> 'replay'
        and c.staged_at >= d.opens_at and c.staged_at < d.closes_at
) as came;
