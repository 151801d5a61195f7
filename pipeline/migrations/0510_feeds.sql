-- Where each batch is on its way, and each agency's feed at one glance: what ./flyover feeds, the officer's desk and
-- the metrics read. Counts and moments, never a row.

create index on quality.stage_run (stage, finished_at);
create index on quarantine.entry (status, agency_code, entity_table, stage);

create view quality.batch_place as
select
    m.batch_id, m.delivery_id, m.agency_code, m.source, m.entity, m.replay_of, m.expected_rows, m.unchanged_rows,
    m.staged_at, m.published_at, b.published_at as sent_at, b.landed_at, b.judged_at, b.modelled_at,
    case
        when m.published_at is null then 'staged'
        when b.batch_id is null then 'published'
        when b.status = 'released' and b.modelled_at is not null then 'modelled'
        else b.status
    end as place
from connect.batch as m
left join quality.batch as b on m.batch_id = b.batch_id;

create view quality.feed_standing as
with newest as (
    select distinct on (agency_code) agency_code, source, delivery_id, read_rows, staged_at
    from connect.delivery
    where mode <> 'replay'
    order by agency_code, staged_at desc, delivery_id
),

-- a delivery is where the batch is that lags most behind; a batch that was refused lags behind nothing
places as (
    select
        delivery_id,
        (array['staged', 'published', 'landing', 'landed', 'held', 'released', 'modelled', 'refused'])[min(
            array_position(
                array['staged', 'published', 'landing', 'landed', 'held', 'released', 'modelled', 'refused'], place
            )
        )] as place,
        sum(expected_rows)::bigint as changed_rows
    from quality.batch_place
    group by delivery_id
),

landings as (
    select distinct on (agency_code)
        agency_code, round(extract(epoch from max(landed_at) - min(sent_at)) / 60, 1)::float8 as minutes
    from quality.batch_place
    where landed_at is not null and replay_of is null
    group by agency_code, delivery_id
    order by agency_code, max(landed_at) desc
),

ways as (
    select
        agency_code,
        coalesce(sum(expected_rows) filter (where place in ('staged', 'published', 'landing')), 0)::bigint
            as rows_to_land,
        min(staged_at) filter (where place in ('staged', 'published', 'landing')) as to_land_since,
        count(*) filter (where place = 'held') as held_batches,
        max(staged_at) filter (where place = 'modelled') as core_holds
    from quality.batch_place
    group by agency_code
),

kept_back as (
    select agency_code, count(*) as open_rows
    from quarantine.entry
    where status = 'open'
    group by agency_code
),

refusals as (
    select agency_code, max(refused_at) as refused_at
    from connect.refusal
    group by agency_code
),

alarms as (
    select agency_code, count(*) as open_alerts
    from quality.alert
    where is_true and resolved_at is null and agency_code is not null
    group by agency_code
)

select
    agency_code,
    newest.delivery_id, newest.staged_at as delivered_at, newest.read_rows, places.changed_rows,
    -- one that said nothing new has no batch
    case when newest.delivery_id is not null then coalesce(places.place, 'unchanged') end as place,
    landings.minutes as landing_minutes,
    coalesce(ways.rows_to_land, 0) as rows_to_land, ways.to_land_since,
    coalesce(ways.held_batches, 0) as held_batches,
    coalesce(kept_back.open_rows, 0) as open_rows,
    ways.core_holds,
    -- of what came after the last delivery nothing could be kept
    case when refusals.refused_at > coalesce(newest.staged_at, '-infinity') then refusals.refused_at end as refused_at,
    coalesce(alarms.open_alerts, 0) as open_alerts
from newest
left join places on newest.delivery_id = places.delivery_id
full join ways using (agency_code)
full join landings using (agency_code)
full join kept_back using (agency_code)
full join refusals using (agency_code)
full join alarms using (agency_code);
