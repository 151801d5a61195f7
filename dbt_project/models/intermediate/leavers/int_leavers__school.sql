with

enrolments as (
    select * from {{ ref('fct_enrolment') }} where source_entity = 'oneroster__enrollments'
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

institutions as (
    select * from {{ ref('dim_institution') }}
),

stages as (
    select * from {{ ref('school_kind_stages') }}
),

-- whoever is enrolled anywhere after that, or has no day of leaving, has not left school
last_enrolments as (
    select distinct on (agencies.realm, enrolments.learner_key)
        agencies.realm,
        enrolments.learner_key,
        enrolments.ended_date as left_date,
        enrolments.institution_key
    from enrolments
    inner join agencies on enrolments.agency_code = agencies.agency_code
    where agencies.realm is not null
    order by
        agencies.realm,
        enrolments.learner_key,
        enrolments.ended_date desc nulls first,
        enrolments.agency_code,
        enrolments.record_id
),

leavers as (
    select
        last_enrolments.realm,
        last_enrolments.learner_key,
        last_enrolments.left_date,
        'senior_school' as stage_code
    from last_enrolments
    inner join institutions on last_enrolments.institution_key = institutions.institution_key
    inner join institutions as roots on institutions.root_institution_key = roots.institution_key
    inner join stages on roots.school_kind_code = stages.school_kind_code
    where stages.stage_code = 'senior' and last_enrolments.left_date is not null
)

select * from leavers
