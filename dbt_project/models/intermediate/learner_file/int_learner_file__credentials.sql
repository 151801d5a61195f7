with

outcomes as (
    select * from {{ ref('fct_learning_outcome') }}
),

credentials as (
    select * from {{ ref('stg_credit_bank__learning_outcomes') }}
),

-- what the credential itself says (title, issuer, grade) stands in its record alone
awarded as (
    select
        outcomes.learner_key,
        'credential' as kind_code,
        outcomes.awarded_date as begun_date,
        outcomes.awarded_date + 1 as ended_date,
        credentials.outcome_title as title,
        null::uuid as institution_key,
        coalesce(credentials.issuer_title, credentials.issuer_id) as institution_name,
        case
            when outcomes.outcome_code = 'revoked' then outcomes.outcome_code
            else credentials.result_text
        end as result_code,
        outcomes.score_pct,
        outcomes.learning_hours,
        credentials.outcome_credits as credits,
        outcomes.agency_code,
        outcomes.source_entity,
        outcomes.record_id,
        outcomes._event_id,
        outcomes._released_seq
    from outcomes
    left join credentials
        on outcomes.agency_code = credentials.agency_code
        and outcomes.record_id = credentials.record_id
    where outcomes.source_entity = 'credit_bank__learning_outcomes'
)

select * from awarded
