with

runs as (
    select * from {{ source('forecast', 'run') }}
),

series as (
    select * from {{ source('forecast', 'series') }}
),

points as (
    select * from {{ source('forecast', 'point') }}
),

latest as (
    select
        run_id,
        made_at
    from runs
    order by run_id desc
    limit 1
),

-- A school year goes by the year it begins in, as in the other indicators of schools; returns name it by its end.
dated as (
    select
        *,
        case when indicator_code = 'forecast_senior_learners' then 0 else 1 end as years_to_its_end
    from series
),

-- people who learn are protected as people, so that a forecast which repeats a count cannot give it away
told as (
    select
        series.indicator_code,
        'least_backtest_error' as method,
        series.realm,
        series.area_code,
        series.area_level,
        (
            coalesce(points.year, series.last_year + 1, extract(year from latest.made_at)::integer)
            - series.years_to_its_end
        )::text as period,
        case when series.member = 'total' then 'total' else 'stage' end as dimension,
        series.member,
        null::text as in_groups,
        case when series.indicator_code = 'forecast_senior_learners' then round(points.value) else points.value end
            as value,
        case when series.indicator_code = 'forecast_senior_learners' then round(points.value) end as numerator,
        null::double precision as denominator,
        points.value_low,
        points.value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        case when points.year is null then 'needs_input' else 'published' end as status,
        case
            when points.is_tested or points.year is null then series.note
            else series.note || '; 超出回测年限，区间为外推 beyond the years that were tested: its interval is extrapolated'
        end as status_note,
        latest.made_at::date as as_of
    from dated as series
    inner join latest on series.run_id = latest.run_id
    left join points
        on series.run_id = points.run_id
        and series.realm = points.realm
        and series.indicator_code = points.indicator_code
        and series.member = points.member
        and series.area_code = points.area_code
        and series.method = points.method
)

select * from told
