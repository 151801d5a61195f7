with

enrolments as (
    select * from {{ ref('stg_credit_bank__cross_enrolments') }}
),

courses as (
    select * from {{ ref('stg_credit_bank__shared_courses') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- enrolled where the course is taught: who is enrolled in a course that is not yet known waits for it
learners as (
    select
        enrolments.agency_code,
        'credit_bank__cross_enrolments' as source_entity,
        enrolments.record_id,
        persons.learner_key,
        {{ surrogate_key(['courses.agency_code', 'courses.institution_code']) }} as institution_key,
        {{ surrogate_key(['enrolments.agency_code', 'enrolments.course_code']) }} as programme_key,
        case enrolments.status_code when 'enrolled' then 'not_reported' else enrolments.status_code end as outcome_code,
        enrolments.enrolled_date as registered_date,
        enrolments.enrolled_date as started_date,
        greatest(enrolments.ended_date, enrolments.enrolled_date) as ended_date,
        enrolments._event_id,
        enrolments._released_seq
    from enrolments
    inner join persons
        on enrolments.agency_code = persons.agency_code
        and persons.source_name = 'credit_bank'
        and 'credit_bank__cross_enrolments|' || enrolments.record_id = persons.person_id_agency
    inner join courses
        on enrolments.agency_code = courses.agency_code
        and enrolments.course_code = courses.course_code
)

select * from learners
