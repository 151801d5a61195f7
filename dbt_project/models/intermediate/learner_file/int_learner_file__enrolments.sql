with

enrolments as (
    select * from {{ ref('fct_enrolment') }}
),

outcomes as (
    select * from {{ ref('fct_learning_outcome') }}
),

programmes as (
    select * from {{ ref('dim_programme') }}
),

institutions as (
    select * from {{ ref('dim_institution') }}
),

-- Senior universities and offices report an enrolment and what came of it in one record: one line. The result of a
-- presentation comes in a record of its own and so is a line of its own.
attended as (
    select
        enrolments.learner_key,
        case enrolments.source_entity
            when 'oneroster__enrollments' then 'school_class'
            when 'oulad__student_registration' then 'presentation'
            when 'senior__enrolments' then 'senior_course'
            when 'hr__trainings' then 'training'
        end as kind_code,
        enrolments.started_date as begun_date,
        enrolments.ended_date,
        programmes.programme_name as title,
        enrolments.institution_key,
        coalesce(institutions.institution_name, institutions.institution_id_agency) as institution_name,
        case
            when enrolments.source_entity <> 'oulad__student_registration'
                then nullif(enrolments.outcome_code, 'not_reported')
        end as result_code,
        outcomes.score_pct,
        outcomes.learning_hours,
        null::double precision as credits,
        enrolments.agency_code,
        enrolments.source_entity,
        enrolments.record_id,
        enrolments._event_id,
        enrolments._released_seq
    from enrolments
    left join outcomes
        on enrolments.agency_code = outcomes.agency_code
        and enrolments.source_entity = outcomes.source_entity
        and enrolments.record_id = outcomes.record_id
    left join programmes on enrolments.programme_key = programmes.programme_key
    left join institutions on enrolments.institution_key = institutions.institution_key
)

select * from attended
