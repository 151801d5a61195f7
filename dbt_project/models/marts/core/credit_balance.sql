{{ config(materialized='view') }}

with

entries as (
    select * from {{ ref('fct_credit_entry') }}
),

-- as known now, on this day; of another day or as known at another time: ledger.balances(day, moment)
balances as (
    select
        agency_code,
        account_key,
        account_kind_code,
        account_owner_id,
        learner_key,
        institution_code,
        programme_code,
        outcome_id,
        credit_unit_code,
        sum(amount_credits) as balance_credits,
        max(effective_on) as last_moved_on
    from entries
    where effective_on <= current_date
    group by
        agency_code, account_key, account_kind_code, account_owner_id, learner_key, institution_code, programme_code,
        outcome_id, credit_unit_code
    having sum(amount_credits) <> 0
)

select * from balances
