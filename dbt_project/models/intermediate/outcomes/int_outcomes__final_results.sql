with

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

finished as (
    select
        student_info.agency_code,
        'oulad__student_info' as source_entity,
        student_info.record_id,
        persons.learner_key,
        {{ surrogate_key(['student_info.agency_code', 'student_info.module_code']) }} as programme_key,
        'final_result' as outcome_kind_code,
        case student_info.final_result_code
            when 'Pass' then 'passed'
            when 'Distinction' then 'passed_with_distinction'
            when 'Fail' then 'failed'
            when 'Withdrawn' then 'withdrawn'
        end as outcome_code,
        false as is_banked,
        null::double precision as score_pct,
        null::double precision as learning_hours,
        {{ presentation_day('student_info.presentation_code', 'starts', 'courses.presentation_length_days') }}
            as awarded_date,
        student_info._event_id,
        student_info._released_seq
    from student_info
    cross join starts
    inner join persons
        on student_info.agency_code = persons.agency_code
        and persons.source_name = 'oulad'
        and student_info.student_id_oulad = persons.person_id_agency
    left join courses
        on student_info.agency_code = courses.agency_code
        and student_info.module_code = courses.module_code
        and student_info.presentation_code = courses.presentation_code
    -- a presentation still under way has no result yet
    where {{ starts_on_a_known_day('student_info.presentation_code', 'starts') }}
        and student_info.final_result_code in ('Pass', 'Distinction', 'Fail', 'Withdrawn')
)

select * from finished
