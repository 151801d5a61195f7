with

latest as (
    select * from {{ ref('base_oneroster__courses') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as course_id_oneroster,
        org_sourced_id as org_id_oneroster,
        school_year_sourced_id as session_id_oneroster,
        course_code,
        grades as grade_codes,
        subject_codes,
        title as course_name,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
