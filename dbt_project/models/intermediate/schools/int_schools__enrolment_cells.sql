with

counties as (
    select * from {{ ref('int_schools__counties') }}
),

enrolled as (
    select * from {{ ref('int_schools__enrolled_by_age') }}
),

returned as (
    select * from {{ ref('int_schools__returned') }}
),

residents as (
    select * from {{ ref('int_schools__residents') }}
),

stages as (
    select * from {{ ref('education_stages') }}
),

-- who is of the stage's ages counts in the net rate; who may be, for want of an age or a person, is its bound
of_registers as (
    select
        enrolled.realm,
        enrolled.start_year,
        enrolled.division_code,
        enrolled.prefecture_code,
        enrolled.sex_code,
        enrolled.stage_code,
        0 as residents,
        0 as headcount,
        enrolled.learners as gross_learners,
        enrolled.unlinked_persons as gross_unlinked,
        case when enrolled.age_years between stages.least_years and stages.most_years then enrolled.learners else 0 end
            as net_learners,
        case
            when enrolled.age_years is null then enrolled.learners + enrolled.unlinked_persons
            when enrolled.age_years between stages.least_years and stages.most_years then enrolled.unlinked_persons
            else 0
        end as net_unlinked
    from enrolled
    inner join stages on enrolled.stage_code = stages.stage_code
),

of_returns as (
    select
        returned.realm,
        returned.start_year,
        returned.division_code,
        returned.prefecture_code,
        null as sex_code,
        returned.stage_code,
        0 as residents,
        returned.headcount,
        0 as gross_learners,
        0 as gross_unlinked,
        0 as net_learners,
        0 as net_unlinked
    from returned
    inner join stages on returned.stage_code = stages.stage_code
),

of_population as (
    select
        residents.realm,
        residents.start_year,
        residents.division_code,
        residents.prefecture_code,
        residents.sex_code,
        stages.stage_code,
        residents.persons as residents,
        0 as headcount,
        0 as gross_learners,
        0 as gross_unlinked,
        0 as net_learners,
        0 as net_unlinked
    from residents
    inner join stages on residents.age_years between stages.least_years and stages.most_years
),

frame as (
    select
        counties.realm,
        counties.start_year,
        counties.division_code,
        counties.prefecture_code,
        sexes.sex_code,
        stages.stage_code,
        0 as residents,
        0 as headcount,
        0 as gross_learners,
        0 as gross_unlinked,
        0 as net_learners,
        0 as net_unlinked
    from counties
    cross join stages
    cross join (values ('male'), ('female')) as sexes (sex_code)
),

pieces as (
    select * from of_registers
    union all
    select * from of_returns
    union all
    select * from of_population
    union all
    select * from frame
),

cells as (
    select
        realm,
        start_year,
        division_code,
        prefecture_code,
        sex_code,
        stage_code,
        sum(residents) as residents,
        sum(headcount) as headcount,
        sum(gross_learners) as gross_learners,
        sum(gross_unlinked) as gross_unlinked,
        sum(net_learners) as net_learners,
        sum(net_unlinked) as net_unlinked
    from pieces
    group by realm, start_year, division_code, prefecture_code, sex_code, stage_code
)

select * from cells
