with

returned as (
    select * from {{ ref('stg_returns__births_migration') }}
),

placed as (
    select
        agency_code,
        'returns__births_migration' as source_entity,
        data_year,
        division_code,
        left(division_code, 4) || '00' as prefecture_code,
        base_code,
        sex_code,
        births,
        deaths,
        moved_in,
        moved_out,
        _event_id,
        _released_seq
    from returned
)

select * from placed
