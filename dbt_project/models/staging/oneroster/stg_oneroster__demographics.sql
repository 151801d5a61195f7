with

latest as (
    select * from {{ ref('base_oneroster__demographics') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as user_id_oneroster,
        sex as sex_code,
        birth_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
