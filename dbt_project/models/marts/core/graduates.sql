with

returned as (
    select * from {{ ref('stg_returns__graduates') }}
),

placed as (
    select
        agency_code,
        'returns__graduates' as source_entity,
        data_year,
        institution_code as institution_code_moe,
        isced_level_code,
        isced_f_broad_code,
        division_code,
        left(division_code, 4) || '00' as prefecture_code,
        graduates,
        graduates_female,
        _event_id,
        _released_seq
    from returned
)

select * from placed
