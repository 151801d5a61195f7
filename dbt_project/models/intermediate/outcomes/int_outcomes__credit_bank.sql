with

outcomes as (
    select * from {{ ref('stg_credit_bank__learning_outcomes') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- an outcome is something achieved; what became void is no less something that was learnt, and the ledger takes it back
awarded as (
    select
        outcomes.agency_code,
        'credit_bank__learning_outcomes' as source_entity,
        outcomes.record_id,
        persons.learner_key,
        null::uuid as programme_key,
        outcomes.outcome_kind_code,
        case when outcomes.revoked_date is null then 'awarded' else 'revoked' end as outcome_code,
        false as is_banked,
        null::double precision as score_pct,
        outcomes.learning_hours,
        outcomes.awarded_date,
        outcomes._event_id,
        outcomes._released_seq
    from outcomes
    inner join persons
        on outcomes.agency_code = persons.agency_code
        and persons.source_name = 'credit_bank'
        and 'credit_bank__learning_outcomes|' || outcomes.record_id = persons.person_id_agency
)

select * from awarded
