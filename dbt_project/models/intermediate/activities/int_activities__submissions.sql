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

-- a banked result was carried over from an earlier presentation: nothing was done for it now
dated as (
    select
        results.agency_code,
        'oulad__student_assessment' as source_entity,
        results.record_id,
        persons.learner_key,
        {{ surrogate_key(['results.agency_code', 'assessments.module_code']) }} as programme_key,
        'submission' as activity_kind_code,
        {{ presentation_day('assessments.presentation_code', 'starts', 'results.submitted_day') }} as activity_date,
        null::integer as clicks,
        null::double precision as duration_minutes,
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
        and not coalesce(results.is_banked, false)
),

-- without a day nothing can be said of any period
placed as (
    select * from dated where activity_date is not null
)

select * from placed
