with

returned as (
    select * from {{ ref('stg_returns__surveys') }}
),

placed as (
    select
        agency_code,
        'returns__surveys' as source_entity,
        indicator_code,
        area_code,
        survey_source,
        survey_wave,
        dimension_code,
        member_code,
        unit_code as measure_unit_code,
        estimate_value,
        margin_value,
        sample_persons,
        weight_base,
        fieldwork_ended_date,
        _event_id,
        _released_seq
    from returned
)

select * from placed
