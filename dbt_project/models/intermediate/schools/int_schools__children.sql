{{ config(materialized='table') }}

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

divisions as (
    select * from {{ ref('dim_division') }}
),

-- a child in two schools counts once, on the later stage; ties by key, so that arrival plays no part
once as (
    select distinct on (pupils.realm, pupils.start_year, pupils.learner_key)
        pupils.realm,
        pupils.start_year,
        pupils.reference_date,
        pupils.learner_key,
        pupils.stage_code,
        schools.division_code as school_division_code,
        schools.prefecture_code as school_prefecture_code
    from pupils
    inner join schools on pupils.institution_key = schools.institution_key
    order by
        pupils.realm, pupils.start_year, pupils.learner_key,
        array_position(array['senior', 'junior', 'primary', 'kindergarten'], pupils.stage_code),
        schools.division_code, pupils.institution_key
),

described as (
    select
        once.*,
        learners.is_linked,
        learners.sex_code,
        learners.residence_division_code,
        -- completed years: born on 29 February turns a year older on 1 March
        extract(year from age(once.reference_date, learners.birth_date))::integer as age_years
    from once
    inner join learners on once.learner_key = learners.learner_key
    -- who lives in another province is in no denominator here
    where left(coalesce(learners.residence_division_code, '33'), 2) = '33'
),

-- at home where the register tells the county, otherwise at school: everybody in one county, so counties add up
placed as (
    select
        described.realm,
        described.start_year,
        described.reference_date,
        described.learner_key,
        described.is_linked,
        described.sex_code,
        described.stage_code,
        described.age_years,
        case when described.residence_division_code is null
            then described.school_division_code else divisions.division_code end as division_code,
        case when described.residence_division_code is null
            then described.school_prefecture_code
        else coalesce(divisions.prefecture_code, left(described.residence_division_code, 4) || '00') end
            as prefecture_code
    from described
    left join divisions
        on described.residence_division_code = divisions.division_code
        and divisions.division_level = 'county'
        and divisions.valid_from <= described.reference_date
        and (divisions.valid_to is null or described.reference_date < divisions.valid_to)
)

select * from placed
