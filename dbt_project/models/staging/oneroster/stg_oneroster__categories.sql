with

latest as (
    select * from {{ ref('base_oneroster__categories') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as category_id_oneroster,
        title as category_name,
        weight as weight_pct,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
