with

residents as (
    select * from {{ ref('int_population__age_groups') }}
    where base_code = 'resident' and age_group_code in ('60plus', 'all')
),

cells as (
    select
        'residents_60plus' as indicator_code,
        'resident' as method,
        residents.realm,
        to_char(residents.reference_date, 'YYYY') as period,
        residents.reference_date as as_of,
        residents.division_code,
        residents.prefecture_code,
        members.dimension,
        members.member,
        coalesce(sum(residents.persons) filter (where residents.age_group_code = '60plus'), 0) as numerator,
        coalesce(sum(residents.persons) filter (where residents.age_group_code = 'all'), 0) as denominator,
        null::bigint as unlinked_persons,
        bool_and(residents.is_county_complete) as is_complete,
        '分年龄常住人口不完整 residents by age are incomplete here (source census.population_by_age or'
        || ' census.county_yearbook)' as missing_note
    from residents
    cross join lateral (
        values ('total', 'total'), ('sex', residents.sex_code)
    ) as members (dimension, member)
    where members.dimension = 'total' or residents.sex_code in ('male', 'female')
    group by
        residents.realm, residents.reference_date, residents.unit_code, residents.division_code,
        residents.prefecture_code, members.dimension, members.member
),

indicator as (
    {{ sums_over_sums('cells', nobody='no residents') }}
)

select * from indicator
