with

latest as (
    select * from {{ ref('base_oulad__vle') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        id_site as site_id_oulad,
        code_module as module_code,
        code_presentation as presentation_code,
        activity_type as site_kind_code,
        week_from as planned_from_week,
        week_to as planned_to_week,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
