with

latest as (
    select * from {{ ref('base_oneroster__orgs') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as org_id_oneroster,
        parent_sourced_id as parent_org_id_oneroster,
        identifier as institution_code_moe,
        uscc as institution_code_uscc,
        type as org_kind_code,
        school_kind_code,
        urban_rural_code,
        ownership as ownership_code,
        division_code,
        name as org_name,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
