{{ config(materialized='table') }}

with

enrolments as (
    select * from {{ ref('fct_enrolment') }}
),

institutions as (
    select * from {{ ref('dim_institution') }}
),

programmes as (
    select * from {{ ref('dim_programme') }}
),

reference_days as (
    select * from {{ ref('int_schools__reference_days') }}
),

grades as (
    select * from {{ ref('grade_stages') }}
),

kinds as (
    select * from {{ ref('school_kind_stages') }}
),

-- a pupil of several classes of a school is there once; the grade tells the stage where a school has several
pupils as (
    select
        reference_days.realm,
        reference_days.agency_code,
        reference_days.start_year,
        reference_days.reference_date,
        institutions.root_institution_key as institution_key,
        enrolments.learner_key,
        coalesce(min(grades.stage_code), min(kinds.stage_code), 'other') as stage_code
    from enrolments
    inner join reference_days on enrolments.agency_code = reference_days.agency_code
    inner join institutions on enrolments.institution_key = institutions.institution_key
    left join programmes on enrolments.programme_key = programmes.programme_key
    left join grades on programmes.grade_codes = grades.grade_code
    -- a teaching point is of its parent's kind
    left join institutions as roots on institutions.root_institution_key = roots.institution_key
    left join kinds on roots.school_kind_code = kinds.school_kind_code
    where enrolments.source_entity = 'oneroster__enrollments'
        and coalesce(enrolments.started_date, '-infinity') <= reference_days.reference_date
        and reference_days.reference_date < coalesce(enrolments.ended_date, 'infinity')
    group by
        reference_days.realm, reference_days.agency_code, reference_days.start_year, reference_days.reference_date,
        institutions.root_institution_key, enrolments.learner_key
)

select * from pupils
