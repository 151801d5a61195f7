with

returned as (
    select * from {{ ref('stg_returns__targets') }}
),

placed as (
    select
        agency_code,
        'returns__targets' as source_entity,
        indicator_code,
        area_code,
        target_year,
        document_no,
        direction_code,
        unit_code as measure_unit_code,
        target_value,
        document_title,
        issued_date,
        note_text,
        _event_id,
        _released_seq
    from returned
)

select * from placed
