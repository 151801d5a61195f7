with

latest as (
    select * from {{ ref('base_credit_bank__learning_outcomes') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        outcome_id as outcome_id_credit_bank,
        container_id as container_id_credit_bank,
        stacks_into as stacks_into_id,
        issuer_id,
        outcome_kind as outcome_kind_code,
        credit_framework as credit_framework_code,
        isced_f_code,
        sex as sex_code,
        form as form_code,
        title as outcome_title,
        issuer_title,
        result as result_text,
        eqf_level,
        credits as outcome_credits,
        hours as learning_hours,
        birth_date,
        awarded_on as awarded_date,
        valid_until as valid_to_date,
        revoked_on as revoked_date,
        _person_key,
        _id_status,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
