{{ config(
    materialized='table',
    indexes=[{'columns': ['agency_code', 'holder_key']}, {'columns': ['application_id']}],
    grants={'select': ['engineer', 'flyover_ledger']},
) }}

with

deposited as (
    select * from {{ ref('int_credits__deposited') }}
),

transferred as (
    select * from {{ ref('int_credits__transferred') }}
),

applications as (
    select * from {{ ref('stg_credit_bank__applications') }}
),

accounts as (
    select * from {{ ref('int_credits__accounts') }}
),

applied as (
    select applications.*, accounts.learner_key
    from applications
    inner join accounts
        on applications.agency_code = accounts.agency_code
        and applications.account_id_credit_bank = accounts.account_id_credit_bank
),

-- what becomes of an outcome is told once to whoever holds credits of it
outcomes as (
    select distinct on (agency_code, learner_key, outcome_id_credit_bank)
        agency_code, learner_key, outcome_id_credit_bank, account_id_credit_bank, outcome_record_id, valid_to_date,
        revoked_date, _outcome_event_id
    from (
        select
            agency_code, learner_key, outcome_id_credit_bank, account_id_credit_bank, outcome_record_id, valid_to_date,
            revoked_date, _outcome_event_id
        from deposited
        where not is_elsewhere
        union all
        select
            agency_code, learner_key, outcome_id_credit_bank, owner_id, outcome_record_id, valid_to_date, revoked_date,
            _outcome_event_id
        from transferred
        where outcome_id_credit_bank is not null
    ) as held
    order by agency_code, learner_key, outcome_id_credit_bank, account_id_credit_bank
),

events as (
    {{ credit_event('deposit', 'deposits', {
        'day': 'deposited_date', 'outcome_id': 'outcome_id_credit_bank', 'issuer_id': 'issuer_id',
        'outcome_kind_code': 'outcome_kind_code', 'outcome_title': 'outcome_title',
        'credit_framework_code': 'credit_framework_code', 'category_code': 'category_code',
        'bank_credits': 'bank_credits', 'outcome_credits': 'outcome_credits', 'learning_hours': 'learning_hours',
        'is_elsewhere': 'is_elsewhere',
    }) }}
    from deposited
    union all
    {{ credit_event('application', 'applications', {
        'day': "case when decision_code <> 'pending' then decided_date end", 'outcome_id': 'outcome_id_credit_bank',
        'application_id': 'application_id_credit_bank', 'institution_code': 'institution_code',
        'programme_code': 'programme_code', 'programme_credits': 'programme_credits',
        'credits_applied': 'credits_applied', 'credits_recognised': 'coalesce(credits_recognised, 0)',
        'overlap_pct': 'overlap_pct', 'is_online': 'coalesce(is_online, false)', 'applied_date': 'applied_date',
    }) }}
    from applied
    union all
    {{ credit_event('transfer', 'cross_enrolments', {
        'owner': 'owner_id', 'day': 'transferred_date', 'outcome_id': 'outcome_id_credit_bank',
        'institution_code': 'home_institution_code', 'teaching_institution_code': 'teaching_institution_code',
        'programme_code': 'course_code', 'bank_credits': 'credits_awarded',
    }) }}
    from transferred
    union all
    {{ credit_event('revocation', 'learning_outcomes', {
        'day': 'revoked_date', 'record': 'outcome_record_id', 'outcome_id': 'outcome_id_credit_bank',
        'event': '_outcome_event_id',
    }) }}
    from outcomes
    where revoked_date is not null
    union all
    {{ credit_event('expiry', 'learning_outcomes', {
        'day': 'valid_to_date + 1', 'record': 'outcome_record_id', 'outcome_id': 'outcome_id_credit_bank',
        'event': '_outcome_event_id',
    }) }}
    from outcomes
    where valid_to_date is not null
    union all
    {{ credit_event('expiry', 'deposits', {'day': 'ended_date', 'outcome_id': 'outcome_id_credit_bank'}) }}
    from deposited
    where status_code = 'expired' and not is_elsewhere
    union all
    {{ credit_event('withdrawal', 'deposits', {'day': 'ended_date', 'outcome_id': 'outcome_id_credit_bank'}) }}
    from deposited
    where status_code = 'withdrawn' and not is_elsewhere
)

select * from events
