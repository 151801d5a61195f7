with

latest as (
    select * from {{ ref('base_oulad__student_registration') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        id_student as student_id_oulad,
        code_module as module_code,
        code_presentation as presentation_code,
        date_registration as registered_day,
        date_unregistration as unregistered_day,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
