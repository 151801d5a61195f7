with

latest as (
    select * from {{ ref('base_credit_bank__deposits') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        deposit_id as deposit_id_credit_bank,
        account_no as account_id_credit_bank,
        outcome_id as outcome_id_credit_bank,
        category as category_code,
        status as status_code,
        credits as bank_credits,
        deposited_on as deposited_date,
        (_published_at at time zone 'Asia/Shanghai')::date as told_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
