with

returned as (
    select * from {{ ref('stg_returns__community_learning') }}
),

placed as (
    select
        agency_code,
        'returns__community_learning' as source_entity,
        data_month,
        learning_point_code,
        division_code,
        left(division_code, 4) || '00' as prefecture_code,
        urban_rural_code,
        sessions,
        attendances,
        attendances_60plus,
        learners,
        _event_id,
        _released_seq
    from returned
)

select * from placed
