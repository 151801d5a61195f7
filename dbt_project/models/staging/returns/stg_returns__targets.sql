with

latest as (
    select * from {{ ref('base_returns__targets') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        indicator_code,
        area_code,
        document_no,
        direction as direction_code,
        unit as unit_code,
        value as target_value,
        target_year,
        document_title,
        issued_date,
        note as note_text,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
