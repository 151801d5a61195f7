with

reach as (
    select * from {{ ref('int_participation__reach') }} where cardinality(sector_codes) > 1
),

flows as (
    select * from {{ ref('int_participation__flows') }}
),

windows as (
    select
        realm,
        seen_date,
        data_year,
        make_date(data_year, 12, 31) as as_of,
        24 as months,
        least(
            12 * (extract(year from seen_date)::integer - data_year - 1) + extract(month from seen_date)::integer,
            24
        ) as months_reached
    from reach
    cross join lateral generate_series(known_from_year, extract(year from seen_date)::integer) as years (data_year)
),

members as (
    select realm, 'next_sector' as dimension, unnest(sector_codes || array['several', 'none']) as member from reach
    union all
    select realm, 'total' as dimension, 'total' as member from reach
),

cells as (
    select
        flows.realm,
        flows.sector_code,
        flows.data_year,
        make_date(flows.data_year, 12, 31) as as_of,
        flows.division_code,
        flows.prefecture_code,
        members.dimension,
        members.member,
        coalesce(
            sum(flows.persons) filter (where members.dimension = 'total' or members.member = flows.next_sector), 0
        ) as persons
    from flows
    inner join members on flows.realm = members.realm
    group by
        flows.realm, flows.sector_code, flows.data_year, flows.division_code, flows.prefecture_code,
        members.dimension, members.member
),

placed as (
    {{ placed_in_areas('cells') }}
),

summed as (
    select
        realm,
        sector_code,
        data_year,
        area_code,
        area_level,
        placed_dimension as dimension,
        placed_member as member,
        min(in_groups) as in_groups,
        sum(persons)::double precision as persons
    from placed
    group by realm, sector_code, data_year, area_code, area_level, placed_dimension, placed_member
),

-- one row a place says that a year is not known yet, not one of every member
judged as (
    select
        summed.*,
        windows.as_of,
        windows.seen_date,
        windows.months,
        windows.months_reached,
        windows.months_reached >= {{ var('flow_least_months') }} as is_known
    from summed
    inner join windows on summed.realm = windows.realm and summed.data_year = windows.data_year
    where windows.months_reached >= {{ var('flow_least_months') }} or summed.dimension = 'total'
),

indicator as (
    select
        'learner_flow' as indicator_code,
        'next_24m_from_' || sector_code as method,
        realm,
        area_code,
        area_level,
        data_year::text as period,
        dimension,
        member,
        in_groups,
        case when is_known then persons end as value,
        case when is_known then persons end as numerator,
        null::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        case when is_known then (100.0 * months_reached / months)::double precision end as coverage_pct,
        null::bigint as unlinked_persons,
        case when is_known then 'published' else 'needs_input' end as status,
        case
            when not is_known
                then '学习记录尚未到达随后十二个月 learning records of the year after (any sector; they reach '
                    || to_char(seen_date, 'YYYY-MM') || ')'
            when months_reached < months
                then '窗口未满，以后的去向还看不到 window not complete, later moves are not seen yet: records reach '
                    || to_char(seen_date, 'YYYY-MM') || ', ' || months_reached || '/' || months || ' 月 months'
        end as status_note,
        as_of
    from judged
)

select * from indicator
