with

returned as (
    select * from {{ ref('stg_returns__higher_education') }}
),

placed as (
    select
        agency_code,
        'returns__higher_education' as source_entity,
        school_year,
        institution_code as institution_code_moe,
        study_form_code,
        origin_province_code,
        division_code,
        left(division_code, 4) || '00' as prefecture_code,
        headcount,
        _event_id,
        _released_seq
    from returned
)

select * from placed
