with

outcomes as (
    select * from {{ ref('fct_learning_outcome') }} where outcome_kind_code = 'final_result'
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

-- of several presentations passed in a year the last one ends the year's study
leavers as (
    select
        agencies.realm,
        outcomes.learner_key,
        max(outcomes.awarded_date) as left_date,
        'open_university' as stage_code
    from outcomes
    inner join agencies on outcomes.agency_code = agencies.agency_code
    where agencies.realm is not null
        and outcomes.outcome_code in ('passed', 'passed_with_distinction')
        and outcomes.awarded_date is not null
    group by agencies.realm, outcomes.learner_key, extract(year from outcomes.awarded_date)
)

select * from leavers
