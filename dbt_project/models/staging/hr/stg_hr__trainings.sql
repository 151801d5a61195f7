with

latest as (
    select * from {{ ref('base_hr__trainings') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        training_id as training_id_hr,
        certificate_no as certificate_no_hr,
        programme_name,
        provider_uscc,
        kind as training_kind_code,
        result as outcome_code,
        case
            when lower(sex) in ('male', 'm', '男', '男性', '1') then 'male'
            when lower(sex) in ('female', 'f', '女', '女性', '2') then 'female'
            when sex is not null then 'unknown'
        end as sex_code,
        subsidy_flag as is_subsidised,
        hours as training_hours,
        start_date as started_date,
        end_date as ended_date,
        birth_date,
        _source_modified_at as modified_at,
        _person_key,
        _id_status,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
