{% set from_age = var('expected_years_from_age') -%}

with

counties as (
    select * from {{ ref('int_schools__counties') }}
),

residents as (
    select * from {{ ref('int_schools__residents') }}
),

resident_cells as (
    select
        residents.realm,
        residents.start_year,
        counties.reference_date as as_of,
        residents.division_code,
        residents.prefecture_code,
        members.dimension,
        members.member,
        residents.age_years,
        residents.persons
    from residents
    inner join counties
        on residents.realm = counties.realm
        and residents.start_year = counties.start_year
        and residents.division_code = counties.division_code
    cross join lateral (
        values ('total', 'total'), ('sex', residents.sex_code)
    ) as members (dimension, member)
    where counties.is_complete and residents.age_years >= {{ from_age }}
),

placed_residents as (
    {{ placed_in_areas('resident_cells') }}
),

in_areas as (
    select
        realm,
        start_year,
        area_code,
        placed_dimension as dimension,
        placed_member as member,
        age_years,
        sum(persons) as persons
    from placed_residents
    group by realm, start_year, area_code, placed_dimension, placed_member, age_years
)

select * from in_areas
