with

enrolments as (
    select * from {{ ref('fct_enrolment') }}
    where source_entity in ('hr__trainings', 'oneroster__enrollments', 'senior__enrolments')
),

registers as (
    select * from {{ ref('stg_senior__enrolments') }}
),

-- Registration alone is no participation. A school's class list says who sits in the class. The register of trainings
-- knows the programme's hours and not who came, so one broken off shows nobody there. A senior course counts from the
-- first hour attended; of one broken off only its first day is sure, and so of a training without a last day.
judged as (
    select
        enrolments.agency_code,
        enrolments.source_entity,
        enrolments.record_id,
        enrolments.learner_key,
        enrolments.institution_key,
        enrolments.outcome_code,
        registers.delivery_code,
        registers.hours_attended,
        enrolments.started_date as first_date,
        case
            when enrolments.source_entity = 'oneroster__enrollments'
                then coalesce(enrolments.ended_date - 1, 'infinity')
            when enrolments.outcome_code in ('withdrawn', 'suspended') then enrolments.started_date
            else coalesce(enrolments.ended_date - 1, enrolments.started_date)
        end as last_date,
        case enrolments.source_entity
            when 'hr__trainings' then enrolments.outcome_code <> 'withdrawn'
            when 'senior__enrolments'
                then coalesce(registers.hours_attended > 0, enrolments.outcome_code = 'completed')
            else true
        end as is_attended
    from enrolments
    left join registers
        on enrolments.agency_code = registers.agency_code
        and enrolments.record_id = registers.record_id
        and enrolments.source_entity = 'senior__enrolments'
),

attended as (
    select
        agency_code,
        source_entity,
        record_id,
        learner_key,
        institution_key,
        outcome_code,
        delivery_code,
        hours_attended,
        first_date,
        last_date
    from judged
    where is_attended and last_date >= first_date
)

select * from attended
