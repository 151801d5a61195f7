with

latest as (
    select * from {{ ref('base_oulad__student_vle') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        id_student as student_id_oulad,
        id_site as site_id_oulad,
        code_module as module_code,
        code_presentation as presentation_code,
        date as active_day,
        sum_click as clicks,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
