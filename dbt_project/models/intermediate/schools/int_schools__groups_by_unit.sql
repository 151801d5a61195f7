with

pupils as (
    select * from {{ ref('int_schools__pupils') }}
),

schools as (
    select * from {{ ref('int_schools__register') }}
),

learners as (
    select * from {{ ref('dim_learner') }}
),

sizes as (
    select * from {{ ref('int_schools__sizes') }}
),

by_school as (
    select
        'pupils_sex_over_schools' as method,
        schools.realm,
        schools.start_year,
        schools.reference_date as as_of,
        schools.division_code,
        schools.prefecture_code,
        schools.stage_code,
        pupils.institution_key::text as unit_key,
        count(*) filter (where learners.sex_code = 'female') as first_group,
        count(*) filter (where learners.sex_code = 'male') as second_group
    from pupils
    inner join schools on pupils.institution_key = schools.institution_key
    inner join learners on pupils.learner_key = learners.learner_key
    group by
        schools.realm, schools.start_year, schools.reference_date, schools.division_code, schools.prefecture_code,
        schools.stage_code, pupils.institution_key
),

-- counties are the units here, so they have no value of their own
by_county as (
    select
        case method when 'returns_headcount' then 'returns_rural_over_counties' else 'pupils_rural_over_counties' end
            as method,
        realm,
        start_year,
        as_of,
        null as division_code,
        prefecture_code,
        stage_code,
        division_code as unit_key,
        sum(pupils) filter (where urban_rural = 'rural') as first_group,
        sum(pupils) filter (where urban_rural in ('urban', 'town')) as second_group
    from sizes
    where division_code is not null
    group by method, realm, start_year, as_of, division_code, prefecture_code, stage_code
),

groups_by_unit as (
    select * from by_school
    union all
    select * from by_county
)

select * from groups_by_unit
