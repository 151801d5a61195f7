with

results as (
    select * from {{ ref('stg_oulad__student_assessment') }}
),

assessments as (
    select * from {{ ref('stg_oulad__assessments') }}
),

starts as (
    {{ starts_by_letter() }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

scored as (
    select
        results.agency_code,
        'oulad__student_assessment' as source_entity,
        results.record_id,
        persons.learner_key,
        {{ surrogate_key(['results.agency_code', 'assessments.module_code']) }} as programme_key,
        'assessment' as outcome_kind_code,
        -- the data set's authors read a score below 40 as a fail
        case
            when results.score_pct is null then 'not_reported'
            when results.score_pct >= 40 then 'passed'
            else 'failed'
        end as outcome_code,
        coalesce(results.is_banked, false) as is_banked,
        results.score_pct,
        null::double precision as learning_hours,
        {{ presentation_day('assessments.presentation_code', 'starts', 'results.submitted_day') }} as awarded_date,
        results._event_id,
        results._released_seq
    from results
    inner join assessments
        on results.agency_code = assessments.agency_code
        and results.assessment_id_oulad = assessments.assessment_id_oulad
    cross join starts
    inner join persons
        on results.agency_code = persons.agency_code
        and persons.source_name = 'oulad'
        and results.student_id_oulad = persons.person_id_agency
    where {{ starts_on_a_known_day('assessments.presentation_code', 'starts') }}
)

select * from scored
