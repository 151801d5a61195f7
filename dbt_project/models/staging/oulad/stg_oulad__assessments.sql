with

latest as (
    select * from {{ ref('base_oulad__assessments') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        id_assessment as assessment_id_oulad,
        code_module as module_code,
        code_presentation as presentation_code,
        assessment_type as assessment_kind_code,
        date as due_day,
        weight as weight_pct,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
