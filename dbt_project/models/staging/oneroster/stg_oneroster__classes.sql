with

latest as (
    select * from {{ ref('base_oneroster__classes') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as class_id_oneroster,
        course_sourced_id as course_id_oneroster,
        school_sourced_id as org_id_oneroster,
        term_sourced_ids as session_ids_oneroster,
        class_type as class_kind_code,
        grades as grade_codes,
        title as class_name,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
