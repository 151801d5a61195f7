with

latest as (
    select * from {{ ref('base_oulad__courses') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        code_module as module_code,
        code_presentation as presentation_code,
        module_presentation_length as presentation_length_days,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
