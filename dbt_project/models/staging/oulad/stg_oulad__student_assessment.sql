with

latest as (
    select * from {{ ref('base_oulad__student_assessment') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        id_assessment as assessment_id_oulad,
        id_student as student_id_oulad,
        is_banked,
        date_submitted as submitted_day,
        score as score_pct,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
