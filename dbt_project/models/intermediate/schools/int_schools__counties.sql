with

residents as (
    select * from {{ ref('int_schools__residents') }}
),

schools as (
    select * from {{ ref('int_schools__register') }}
),

returns as (
    select * from {{ ref('int_schools__returned') }}
),

school_years as (
    select realm, start_year, reference_date from schools
    union
    select realm, start_year, reference_date from returns
),

populated as (
    select
        residents.realm,
        residents.start_year,
        residents.division_code,
        residents.prefecture_code,
        count(*) filter (
            where residents.age_years between {{ var('school_population_least_age') }}
                and {{ var('school_population_most_age') }}
        ) as cells
    from residents
    group by residents.realm, residents.start_year, residents.division_code, residents.prefecture_code
),

registered as (
    select distinct realm, start_year, division_code, prefecture_code
    from schools
    where division_code is not null
),

returned as (
    select distinct realm, start_year, division_code, prefecture_code
    from returns
    where division_code is not null
),

counties as (
    select
        school_years.realm,
        school_years.start_year,
        school_years.reference_date,
        places.division_code,
        places.prefecture_code
    from school_years
    inner join (
        select realm, start_year, division_code, prefecture_code from populated
        union
        select realm, start_year, division_code, prefecture_code from registered
        union
        select realm, start_year, division_code, prefecture_code from returned
    ) as places
        on school_years.realm = places.realm and school_years.start_year = places.start_year
),

-- without its schools a county has no enrolment to show, not an enrolment of nobody
judged as (
    select
        counties.*,
        registered.division_code is not null as has_schools,
        returned.division_code is not null as has_returns,
        coalesce(
            populated.cells
            = 2 * ({{ var('school_population_most_age') }} - {{ var('school_population_least_age') }} + 1),
            false
        ) as has_residents
    from counties
    left join registered
        on counties.realm = registered.realm
        and counties.start_year = registered.start_year
        and counties.division_code = registered.division_code
    left join returned
        on counties.realm = returned.realm
        and counties.start_year = returned.start_year
        and counties.division_code = returned.division_code
    left join populated
        on counties.realm = populated.realm
        and counties.start_year = populated.start_year
        and counties.division_code = populated.division_code
),

noted as (
    select
        judged.*,
        judged.has_schools and judged.has_residents as is_complete,
        case
            when judged.has_residents
                then '学校系统数据包 OneRoster bundle with the schools of this county (source oneroster)'
            else '分年龄常住人口 population by single year of age of ' || judged.start_year
                || ' (source census.population_by_age; the age groups of census.county_yearbook are too wide)'
        end as missing_note
    from judged
)

select * from noted
