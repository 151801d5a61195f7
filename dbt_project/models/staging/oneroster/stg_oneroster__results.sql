with

latest as (
    select * from {{ ref('base_oneroster__results') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as result_id_oneroster,
        line_item_sourced_id as line_item_id_oneroster,
        student_sourced_id as user_id_oneroster,
        class_sourced_id as class_id_oneroster,
        score_status as score_status_code,
        score,
        text_score as score_name,
        in_progress as is_in_progress,
        incomplete as is_incomplete,
        late as is_late,
        missing as is_missing,
        score_date as scored_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
