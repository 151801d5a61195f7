with

deposits as (
    -- reversed: by the bank's word it never was
    select * from {{ ref('stg_credit_bank__deposits') }} where status_code <> 'reversed'
),

outcomes as (
    select * from {{ ref('stg_credit_bank__learning_outcomes') }}
),

accounts as (
    select * from {{ ref('int_credits__accounts') }}
),

ranked as (
    select
        *,
        first_value(account_id_credit_bank) over (
            partition by agency_code, outcome_id_credit_bank order by deposited_date, record_id
        ) as first_account_id
    from deposits
),

deposited as (
    select
        ranked.agency_code,
        ranked.record_id,
        ranked.account_id_credit_bank,
        accounts.learner_key,
        ranked.outcome_id_credit_bank,
        outcomes.record_id as outcome_record_id,
        outcomes.issuer_id,
        outcomes.outcome_kind_code,
        outcomes.outcome_title,
        outcomes.credit_framework_code,
        ranked.category_code,
        ranked.status_code,
        ranked.bank_credits,
        outcomes.outcome_credits,
        outcomes.learning_hours,
        ranked.deposited_date,
        -- the bank does not say when a deposit ended: not before it was laid in, at the latest when the bank told of it
        case
            when ranked.status_code <> 'active' then greatest(ranked.told_date, ranked.deposited_date)
        end as ended_date,
        outcomes.valid_to_date,
        outcomes.revoked_date,
        ranked.account_id_credit_bank <> ranked.first_account_id as is_elsewhere,
        ranked._event_id,
        outcomes._event_id as _outcome_event_id
    from ranked
    inner join outcomes
        on ranked.agency_code = outcomes.agency_code
        and ranked.outcome_id_credit_bank = outcomes.outcome_id_credit_bank
    inner join accounts
        on ranked.agency_code = accounts.agency_code
        and ranked.account_id_credit_bank = accounts.account_id_credit_bank
)

select * from deposited
