-- More of an outcome is recognised, wherever that is, than was ever issued of it.
with

held as (
    select
        agency_code,
        outcome_id,
        sum(amount_credits) filter (where account_kind_code = 'recognised') as recognised_credits,
        -sum(amount_credits) filter (where account_kind_code = 'issued') as issued_credits
    from {{ ref('fct_credit_entry') }}
    group by agency_code, outcome_id
)

select * from held
where recognised_credits > issued_credits
