with

cells as (
    select * from {{ ref('int_community__cells') }}
),

per_thousand as (
    select * from cells where indicator_code = 'community_learning_attendance'
),

per_hundred_thousand as (
    select * from cells where indicator_code = 'community_learning_points'
),

each as (
    select * from cells where indicator_code = 'community_learning_session_size'
),

shares as (
    select * from cells where indicator_code in ('community_learning_place', 'community_learning_senior_share')
),

rated as (
    select * from ({{ sums_over_sums('per_thousand', per=1000, nobody='no residents') }}) as per_thousand
    union all
    select * from ({{ sums_over_sums('per_hundred_thousand', per=100000, nobody='no residents') }}) as per_many
    union all
    select * from ({{ sums_over_sums('each', per=1, nobody='no sessions') }}) as each
    union all
    select * from ({{ sums_over_sums('shares', nobody='no attendances told by age') }}) as shares
),

county_months as (
    select distinct realm, data_year::text as period, division_code, months from {{ ref('int_community__years') }}
),

-- a year is whole when all its counties returned all twelve months
months as (
    select county_months.realm, county_months.period, areas.area_code, avg(county_months.months) as months
    from county_months
    cross join lateral (
        values (county_months.division_code), (left(county_months.division_code, 4) || '00'), ('330000')
    ) as areas (area_code)
    group by county_months.realm, county_months.period, areas.area_code
),

indicator as (
    select
        rated.indicator_code,
        rated.method,
        rated.realm,
        rated.area_code,
        rated.area_level,
        rated.period,
        rated.dimension,
        rated.member,
        rated.in_groups,
        rated.value,
        rated.numerator,
        rated.denominator,
        rated.value_low,
        rated.value_high,
        case when rated.status = 'published' then (100.0 * months.months / 12)::double precision end as coverage_pct,
        rated.unlinked_persons,
        rated.status,
        case
            when rated.status = 'published' and months.months < 12
                then '不足十二个月 months returned on average: ' || round(months.months, 1)
            else rated.status_note
        end as status_note,
        rated.as_of
    from rated
    left join months
        on rated.realm = months.realm and rated.period = months.period and rated.area_code = months.area_code
)

select * from indicator
