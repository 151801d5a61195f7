{% set from_age = var('expected_years_from_age') -%}

with

counties as (
    select * from {{ ref('int_schools__counties') }}
),

enrolled as (
    select * from {{ ref('int_schools__enrolled_by_age') }} where stage_code <> 'kindergarten'
),

-- a county that is not complete stays out of both sides; children whose county is not known count above it
enrolled_cells as (
    select
        enrolled.realm,
        enrolled.start_year,
        enrolled.reference_date as as_of,
        enrolled.division_code,
        enrolled.prefecture_code,
        members.dimension,
        members.member,
        enrolled.stage_code,
        enrolled.age_years,
        enrolled.learners,
        enrolled.unlinked_persons
    from enrolled
    left join counties
        on enrolled.realm = counties.realm
        and enrolled.start_year = counties.start_year
        and enrolled.division_code = counties.division_code
    cross join lateral (
        values ('total', 'total'), ('sex', enrolled.sex_code), ('stage', enrolled.stage_code)
    ) as members (dimension, member)
    where coalesce(counties.is_complete, enrolled.division_code is null)
        and (enrolled.age_years is null or enrolled.age_years >= {{ from_age }})
),

placed_enrolled as (
    {{ placed_in_areas('enrolled_cells') }}
),

in_areas as (
    select
        realm,
        start_year,
        area_code,
        placed_dimension as dimension,
        placed_member as member,
        age_years,
        case when age_years is null then stage_code end as stage_code,
        sum(learners) as learners,
        sum(unlinked_persons) as unlinked_persons
    from placed_enrolled
    group by
        realm, start_year, area_code, placed_dimension, placed_member, age_years,
        case when age_years is null then stage_code end
)

select * from in_areas
