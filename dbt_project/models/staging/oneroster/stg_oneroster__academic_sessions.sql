with

latest as (
    select * from {{ ref('base_oneroster__academic_sessions') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        sourced_id as session_id_oneroster,
        parent_sourced_id as parent_session_id_oneroster,
        type as session_kind_code,
        title as session_name,
        school_year,
        start_date as started_date,
        end_date as ended_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
