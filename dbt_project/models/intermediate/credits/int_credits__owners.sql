with

accounts as (
    select * from {{ ref('int_credits__accounts') }}
),

transferred as (
    select * from {{ ref('int_credits__transferred') }}
),

owners as (
    select agency_code, account_id_credit_bank as owner_id, learner_key from accounts
    union all
    select agency_code, owner_id, learner_key from transferred
)

select * from owners
