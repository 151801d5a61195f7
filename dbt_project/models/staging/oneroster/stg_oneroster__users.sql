with

latest as (
    select * from {{ ref('base_oneroster__users') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as user_id_oneroster,
        primary_org_sourced_id as org_id_oneroster,
        residence_division as residence_division_code,
        enabled_user as is_enabled,
        _person_key,
        _id_status,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
