{% set from_age, to_age = var('expected_years_from_age'), var('school_population_most_age') -%}

with

enrolled_by_age as (
    select * from {{ ref('int_schools__enrolled_in_areas') }}
),

residents_by_age as (
    select * from {{ ref('int_schools__residents_in_areas') }}
),

stages as (
    select * from {{ ref('education_stages') }}
),

-- enrolment of unknown age is spread over the ages of its stage; a rate above 1 stands as it is (UIS)
counted as (
    select
        enrolled_by_age.realm,
        enrolled_by_age.start_year,
        enrolled_by_age.area_code,
        enrolled_by_age.dimension,
        enrolled_by_age.member,
        enrolled_by_age.learners,
        enrolled_by_age.unlinked_persons,
        coalesce(stages.duration_years, 1)::numeric / nullif(sum(residents_by_age.persons), 0) as years_each
    from enrolled_by_age
    left join stages on enrolled_by_age.stage_code = stages.stage_code
    left join residents_by_age
        on enrolled_by_age.realm = residents_by_age.realm
        and enrolled_by_age.start_year = residents_by_age.start_year
        and enrolled_by_age.area_code = residents_by_age.area_code
        and case enrolled_by_age.dimension when 'stage' then 'total' else enrolled_by_age.dimension end
        = residents_by_age.dimension
        and case enrolled_by_age.dimension when 'stage' then 'total' else enrolled_by_age.member end
        = residents_by_age.member
        and residents_by_age.age_years between coalesce(enrolled_by_age.age_years, stages.least_years)
        and coalesce(enrolled_by_age.age_years, stages.most_years)
    group by
        enrolled_by_age.realm, enrolled_by_age.start_year, enrolled_by_age.area_code, enrolled_by_age.dimension,
        enrolled_by_age.member, enrolled_by_age.age_years, enrolled_by_age.stage_code, enrolled_by_age.learners,
        enrolled_by_age.unlinked_persons, stages.duration_years
),

expected as (
    select
        realm,
        start_year,
        area_code,
        dimension,
        member,
        sum(learners * years_each)::double precision as years,
        sum((learners + unlinked_persons) * years_each)::double precision as most_years,
        sum(learners) filter (where years_each is not null) as learners,
        sum(unlinked_persons) as unlinked_persons
    from counted
    group by realm, start_year, area_code, dimension, member
),

-- residents of the ages that study, of a stage those of its ages
bases as (
    select
        residents_by_age.realm,
        residents_by_age.start_year,
        residents_by_age.area_code,
        case when stages.stage_code is null then residents_by_age.dimension else 'stage' end as dimension,
        coalesce(stages.stage_code, residents_by_age.member) as member,
        sum(residents_by_age.persons) as residents
    from residents_by_age
    inner join (
        select stage_code, least_years, most_years from stages
        union all
        select null as stage_code, {{ from_age }} as least_years, {{ to_age }} as most_years
    ) as stages
        on residents_by_age.age_years between stages.least_years and stages.most_years
        and (stages.stage_code is null or residents_by_age.dimension = 'total')
    group by
        residents_by_age.realm, residents_by_age.start_year, residents_by_age.area_code, residents_by_age.dimension,
        residents_by_age.member, stages.stage_code
),

expected_years as (
    select
        bases.realm,
        bases.start_year,
        bases.area_code,
        bases.dimension,
        bases.member,
        coalesce(expected.years, 0) as years,
        coalesce(expected.most_years, 0) as most_years,
        coalesce(expected.learners, 0) as learners,
        coalesce(expected.unlinked_persons, 0) as unlinked_persons,
        bases.residents
    from bases
    left join expected
        on bases.realm = expected.realm
        and bases.start_year = expected.start_year
        and bases.area_code = expected.area_code
        and bases.dimension = expected.dimension
        and bases.member = expected.member
)

select * from expected_years
