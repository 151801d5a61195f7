with

applications as (
    select * from {{ ref('stg_credit_bank__applications') }} where decision_code <> 'pending'
),

accounts as (
    select * from {{ ref('int_credits__accounts') }}
),

entries as (
    select * from {{ ref('fct_credit_entry') }} where account_kind_code = 'recognised'
),

-- conversions and what took them back; what a later revocation took is not undone recognition
recognised as (
    select agency_code, record_id, sum(amount_credits) as recognised_credits
    from entries
    where source_entity = 'credit_bank__applications'
    group by agency_code, record_id
),

decided as (
    select
        applications.agency_code,
        applications.record_id,
        accounts.learner_key,
        accounts.is_linked,
        applications.applied_date,
        applications.decided_date,
        applications.credits_applied::numeric(14, 4) as applied_credits,
        coalesce(recognised.recognised_credits, 0) as recognised_credits
    from applications
    inner join accounts
        on applications.agency_code = accounts.agency_code
        and applications.account_id_credit_bank = accounts.account_id_credit_bank
    left join recognised
        on applications.agency_code = recognised.agency_code and applications.record_id = recognised.record_id
)

select * from decided
