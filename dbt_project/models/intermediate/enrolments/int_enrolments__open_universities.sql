with

registrations as (
    select * from {{ ref('stg_oulad__student_registration') }}
),

student_info as (
    select * from {{ ref('stg_oulad__student_info') }}
),

courses as (
    select * from {{ ref('stg_oulad__courses') }}
),

starts as (
    {{ starts_by_letter() }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

dated as (
    select
        registrations.agency_code,
        'oulad__student_registration' as source_entity,
        registrations.record_id,
        persons.learner_key,
        {{ surrogate_key(['registrations.agency_code']) }} as institution_key,
        {{ surrogate_key(['registrations.agency_code', 'registrations.module_code']) }} as programme_key,
        case student_info.final_result_code
            when 'Pass' then 'passed'
            when 'Distinction' then 'passed_with_distinction'
            when 'Fail' then 'failed'
            when 'Withdrawn' then 'withdrawn'
            else 'not_reported'
        end as outcome_code,
        {{ presentation_day('registrations.presentation_code', 'starts', 'registrations.registered_day') }}
            as registered_date,
        -- whoever registers early begins with the presentation
        {{ presentation_day(
            'registrations.presentation_code', 'starts', 'greatest(registrations.registered_day, 0)'
        ) }} as started_date,
        {{ presentation_day(
            'registrations.presentation_code',
            'starts',
            'coalesce(registrations.unregistered_day, courses.presentation_length_days)'
        ) }} as left_date,
        registrations._event_id,
        registrations._released_seq
    from registrations
    cross join starts
    inner join persons
        on registrations.agency_code = persons.agency_code
        and persons.source_name = 'oulad'
        and registrations.student_id_oulad = persons.person_id_agency
    left join student_info
        on registrations.agency_code = student_info.agency_code
        and registrations.record_id = student_info.record_id
    left join courses
        on registrations.agency_code = courses.agency_code
        and registrations.module_code = courses.module_code
        and registrations.presentation_code = courses.presentation_code
    where {{ starts_on_a_known_day('registrations.presentation_code', 'starts') }}
),

students as (
    select
        agency_code,
        source_entity,
        record_id,
        learner_key,
        institution_key,
        programme_key,
        outcome_code,
        registered_date,
        started_date,
        -- who left before the start was never enrolled: an empty span
        case when left_date < started_date then started_date else left_date end as ended_date,
        _event_id,
        _released_seq
    from dated
)

select * from students
