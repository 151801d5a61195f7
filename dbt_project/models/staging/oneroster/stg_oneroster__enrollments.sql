with

latest as (
    select * from {{ ref('base_oneroster__enrollments') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as enrollment_id_oneroster,
        user_sourced_id as user_id_oneroster,
        class_sourced_id as class_id_oneroster,
        school_sourced_id as org_id_oneroster,
        role as role_code,
        begin_date as started_date,
        end_date as ended_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
