-- An account that held less than nothing on some day: credits were spent that were not there. Only issuers' accounts,
-- the other side of every deposit, fall below zero.
with

daily as (
    select account_key, outcome_id, credit_unit_code, effective_on, sum(amount_credits) as amount_credits
    from {{ ref('fct_credit_entry') }}
    where account_kind_code <> 'issued'
    group by account_key, outcome_id, credit_unit_code, effective_on
),

running as (
    select
        account_key,
        outcome_id,
        effective_on,
        sum(amount_credits) over (
            partition by account_key, outcome_id, credit_unit_code order by effective_on
        ) as balance_credits
    from daily
)

select * from running
where balance_credits < 0
