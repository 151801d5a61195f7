with

years as (
    select * from {{ ref('int_community__years') }}
),

residents as (
    select * from {{ ref('int_population__age_groups') }} where base_code = 'resident' and age_group_code = 'all'
),

returns_of_residents as (
    select distinct realm, reference_date from residents
),

-- residents of the year itself, else of the latest return before it, else of the first after it
looked_up as (
    select distinct on (years.realm, years.data_year)
        years.realm,
        years.data_year,
        returns_of_residents.reference_date
    from (select distinct realm, data_year from years) as years
    inner join returns_of_residents on years.realm = returns_of_residents.realm
    order by
        years.realm,
        years.data_year,
        extract(year from returns_of_residents.reference_date) <= years.data_year desc,
        abs(extract(year from returns_of_residents.reference_date) - years.data_year)
),

counties as (
    select
        looked_up.realm,
        looked_up.data_year,
        residents.division_code,
        residents.prefecture_code,
        sum(residents.persons) as persons,
        bool_and(residents.is_county_complete) as is_complete
    from looked_up
    inner join residents
        on looked_up.realm = residents.realm and looked_up.reference_date = residents.reference_date
    where residents.division_code is not null
    group by looked_up.realm, looked_up.data_year, residents.division_code, residents.prefecture_code
),

returned as (
    select realm, data_year, division_code, sum(attendances) as attendances, sum(learning_points) as learning_points
    from years
    group by realm, data_year, division_code
),

per_resident as (
    select
        measures.indicator_code,
        counties.realm,
        counties.data_year,
        counties.division_code,
        counties.prefecture_code,
        'total' as dimension,
        'total' as member,
        coalesce(measures.numerator, 0) as numerator,
        counties.persons as denominator,
        counties.is_complete and returned.division_code is not null as is_complete
    from counties
    left join returned
        on counties.realm = returned.realm
        and counties.data_year = returned.data_year
        and counties.division_code = returned.division_code
    cross join lateral (
        values
        ('community_learning_attendance', returned.attendances),
        ('community_learning_points', returned.learning_points)
    ) as measures (indicator_code, numerator)
),

-- of the whole and of every kind of place
of_attendances as (
    select
        measures.indicator_code,
        years.realm,
        years.data_year,
        years.division_code,
        left(years.division_code, 4) || '00' as prefecture_code,
        slices.dimension,
        slices.member,
        sum(coalesce(measures.numerator, 0)) as numerator,
        sum(coalesce(measures.denominator, 0)) as denominator,
        true as is_complete
    from years
    cross join lateral (
        values
        ('community_learning_senior_share', years.attendances_60plus, years.attendances_told_by_age),
        ('community_learning_session_size', years.attendances, years.sessions)
    ) as measures (indicator_code, numerator, denominator)
    cross join lateral (
        values ('total', 'total'), ('urban_rural', years.urban_rural_code)
    ) as slices (dimension, member)
    group by
        measures.indicator_code, years.realm, years.data_year, years.division_code, slices.dimension, slices.member
),

by_place as (
    select
        'community_learning_place' as indicator_code,
        years.realm,
        years.data_year,
        years.division_code,
        left(years.division_code, 4) || '00' as prefecture_code,
        'urban_rural' as dimension,
        members.member,
        sum(case when years.urban_rural_code = members.member then years.sessions else 0 end) as numerator,
        sum(years.sessions) as denominator,
        true as is_complete
    from years
    cross join (values ('urban'), ('town'), ('rural'), ('unknown')) as members (member)
    group by years.realm, years.data_year, years.division_code, members.member
),

united as (
    select * from per_resident
    union all
    select * from of_attendances
    union all
    select * from by_place
),

cells as (
    select
        indicator_code,
        'monthly_returns' as method,
        realm,
        data_year::text as period,
        make_date(data_year, 12, 31) as as_of,
        division_code,
        prefecture_code,
        dimension,
        member,
        numerator,
        denominator,
        null::bigint as unlinked_persons,
        is_complete,
        '社区学习月报和常住人口 monthly returns of community learning (source returns.community_learning) and residents'
        || ' (source census.population_by_age)' as missing_note
    from united
)

select * from cells
