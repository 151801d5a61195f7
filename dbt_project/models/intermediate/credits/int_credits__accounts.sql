with

deposits as (
    select * from {{ ref('stg_credit_bank__deposits') }}
),

applications as (
    select * from {{ ref('stg_credit_bank__applications') }}
),

outcomes as (
    select * from {{ ref('stg_credit_bank__learning_outcomes') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

holders as (
    select
        outcomes.agency_code,
        outcomes.outcome_id_credit_bank,
        persons.learner_key,
        persons.is_linked
    from outcomes
    inner join persons
        on outcomes.agency_code = persons.agency_code
        and persons.source_name = 'credit_bank'
        and 'credit_bank__learning_outcomes|' || outcomes.record_id = persons.person_id_agency
),

shown as (
    select
        agency_code, account_id_credit_bank, outcome_id_credit_bank, deposited_date as seen_date, true as is_deposited
    from deposits
    union all
    select agency_code, account_id_credit_bank, outcome_id_credit_bank, applied_date as seen_date, false as is_deposited
    from applications
),

-- an account is one person's: whose, most of the outcomes in it say, those of a known id first
counted as (
    select
        shown.agency_code,
        shown.account_id_credit_bank,
        holders.learner_key,
        holders.is_linked,
        shown.is_deposited,
        count(*) as outcomes
    from shown
    inner join holders
        on shown.agency_code = holders.agency_code
        and shown.outcome_id_credit_bank = holders.outcome_id_credit_bank
    group by
        shown.agency_code, shown.account_id_credit_bank, holders.learner_key, holders.is_linked, shown.is_deposited
),

owned as (
    select distinct on (agency_code, account_id_credit_bank) agency_code, account_id_credit_bank, learner_key, is_linked
    from counted
    order by agency_code, account_id_credit_bank, is_deposited desc, is_linked desc, outcomes desc, learner_key
),

opened as (
    select
        agency_code,
        account_id_credit_bank,
        coalesce(min(seen_date) filter (where is_deposited), min(seen_date)) as opened_date
    from shown
    group by agency_code, account_id_credit_bank
),

accounts as (
    select
        owned.agency_code,
        owned.account_id_credit_bank,
        owned.learner_key,
        owned.is_linked,
        opened.opened_date
    from owned
    inner join opened
        on owned.agency_code = opened.agency_code
        and owned.account_id_credit_bank = opened.account_id_credit_bank
)

select * from accounts
