with

latest as (
    select * from {{ ref('base_oneroster__line_items') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as line_item_id_oneroster,
        class_sourced_id as class_id_oneroster,
        category_sourced_id as category_id_oneroster,
        academic_session_sourced_id as session_id_oneroster,
        school_sourced_id as org_id_oneroster,
        title as line_item_name,
        result_value_min as lowest_score,
        result_value_max as highest_score,
        assign_date as assigned_date,
        due_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
