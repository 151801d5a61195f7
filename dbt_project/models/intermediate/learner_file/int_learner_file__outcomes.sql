with

outcomes as (
    select * from {{ ref('fct_learning_outcome') }}
),

programmes as (
    select * from {{ ref('dim_programme') }}
),

-- what came of a course or a training stands in the line of its enrolment, which is the same record; what a credit bank
-- keeps has a part of its own
awarded as (
    select
        outcomes.learner_key,
        outcomes.outcome_kind_code as kind_code,
        outcomes.awarded_date as begun_date,
        outcomes.awarded_date + 1 as ended_date,
        programmes.programme_name as title,
        null::uuid as institution_key,
        null::text as institution_name,
        nullif(outcomes.outcome_code, 'not_reported') as result_code,
        outcomes.score_pct,
        outcomes.learning_hours,
        null::double precision as credits,
        outcomes.agency_code,
        outcomes.source_entity,
        outcomes.record_id,
        outcomes._event_id,
        outcomes._released_seq
    from outcomes
    left join programmes on outcomes.programme_key = programmes.programme_key
    where outcomes.source_entity not in (
        'senior__enrolments', 'hr__trainings', 'credit_bank__learning_outcomes'
    )
)

select * from awarded
