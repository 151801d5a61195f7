with

latest as (
    select * from {{ ref('base_returns__surveys') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        indicator_code,
        area_code,
        source as survey_source,
        wave as survey_wave,
        dimension as dimension_code,
        member as member_code,
        unit as unit_code,
        value as estimate_value,
        n as sample_persons,
        margin as margin_value,
        fieldwork_end as fieldwork_ended_date,
        weight_base,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
