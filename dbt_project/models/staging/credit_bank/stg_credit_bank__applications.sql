with

latest as (
    select * from {{ ref('base_credit_bank__applications') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        application_id as application_id_credit_bank,
        outcome_id as outcome_id_credit_bank,
        account_no as account_id_credit_bank,
        institution_code,
        programme_code,
        course_code,
        decision as decision_code,
        is_online,
        programme_credits,
        credits_applied,
        credits_recognised,
        overlap_pct,
        applied_on as applied_date,
        decided_on as decided_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
