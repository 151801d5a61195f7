{{ config(materialized='table') }}

with

teaching as (
    select * from {{ ref('int_staff__teaching') }}
),

institutions as (
    select * from {{ ref('dim_institution') }}
),

schools as (
    select * from {{ ref('int_schools__register') }}
),

reference_days as (
    select * from {{ ref('int_schools__reference_days') }}
),

-- the school year of the register, and the one before for who has come and gone
days as (
    select agency_code, realm, start_year, reference_date, true as is_latest from reference_days
    union all
    select
        agency_code,
        realm,
        start_year - 1 as start_year,
        (reference_date - interval '1 year')::date as reference_date,
        false as is_latest
    from reference_days
),

-- one row a teacher, school and day, whatever the number of roles and classes
active as (
    select
        days.realm,
        days.agency_code,
        days.start_year,
        days.reference_date,
        days.is_latest,
        teaching.learner_key,
        institutions.root_institution_key as institution_key,
        bool_or(teaching.is_linked) as is_linked,
        bool_or(teaching.is_primary) as is_primary,
        count(*) as posts
    from teaching
    inner join days on teaching.agency_code = days.agency_code
    inner join institutions on teaching.institution_key = institutions.institution_key
    where coalesce(teaching.started_date, '-infinity') <= days.reference_date
        and days.reference_date < coalesce(teaching.ended_date, 'infinity')
    group by
        days.realm, days.agency_code, days.start_year, days.reference_date, days.is_latest, teaching.learner_key,
        institutions.root_institution_key
),

-- places are those of the register as it stands: a school that moved county did not move its teachers
placed as (
    select
        active.realm,
        active.agency_code,
        active.start_year,
        active.reference_date,
        active.is_latest,
        active.learner_key,
        active.is_linked,
        active.institution_key,
        row_number() over (
            partition by active.realm, active.start_year, active.learner_key
            order by active.is_primary desc, active.posts desc, active.institution_key
        ) = 1 as is_main_school,
        schools.division_code,
        schools.prefecture_code,
        schools.stage_code,
        schools.urban_rural,
        schools.education_group_code
    from active
    inner join schools on active.institution_key = schools.institution_key
)

select * from placed
