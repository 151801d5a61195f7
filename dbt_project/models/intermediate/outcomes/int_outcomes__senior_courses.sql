with

enrolments as (
    select * from {{ ref('stg_senior__enrolments') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- senior universities hold no examinations: a course is completed or left
finished as (
    select
        enrolments.agency_code,
        'senior__enrolments' as source_entity,
        enrolments.record_id,
        persons.learner_key,
        {{ surrogate_key(['enrolments.agency_code', 'enrolments.school_code', 'enrolments.course_code']) }}
            as programme_key,
        'senior_course' as outcome_kind_code,
        enrolments.status_code as outcome_code,
        false as is_banked,
        null::double precision as score_pct,
        enrolments.hours_attended::double precision as learning_hours,
        null::date as awarded_date,
        enrolments._event_id,
        enrolments._released_seq
    from enrolments
    inner join persons
        on enrolments.agency_code = persons.agency_code
        and persons.source_name = 'senior'
        and concat_ws('|', enrolments.school_code, enrolments.student_card_no_senior) = persons.person_id_agency
    where enrolments.status_code in ('completed', 'withdrawn')
)

select * from finished
