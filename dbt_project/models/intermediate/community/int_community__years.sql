with

returned as (
    select * from {{ ref('community_learning') }}
),

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

successors as (
    select * from {{ ref('int_divisions__successors') }}
),

placed as (
    select
        agencies.realm,
        coalesce(successors.successor_code, returned.division_code) as division_code,
        left(returned.data_month, 4)::integer as data_year,
        returned.data_month,
        returned.agency_code || '|' || returned.learning_point_code as learning_point,
        {{ urban_rural('returned.urban_rural_code') }} as urban_rural_code,
        returned.sessions,
        returned.attendances,
        returned.attendances_60plus
    from returned
    inner join agencies on returned.agency_code = agencies.agency_code
    left join successors on returned.division_code = successors.division_code
),

-- whose attendances are told by age counts among those alone, or points that never tell would make the old look few
years as (
    select
        realm,
        division_code,
        data_year,
        urban_rural_code,
        count(distinct learning_point) as learning_points,
        sum(sessions) as sessions,
        sum(attendances) as attendances,
        sum(attendances) filter (where attendances_60plus is not null) as attendances_told_by_age,
        sum(attendances_60plus) as attendances_60plus
    from placed
    group by realm, division_code, data_year, urban_rural_code
),

months as (
    select realm, division_code, data_year, count(distinct data_month) as months
    from placed
    group by realm, division_code, data_year
)

select years.*, months.months
from years
inner join months
    on years.realm = months.realm
    and years.division_code = months.division_code
    and years.data_year = months.data_year
