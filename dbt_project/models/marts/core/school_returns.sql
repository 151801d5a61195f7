with

returned as (
    select * from {{ ref('stg_returns__schools') }}
),

placed as (
    select
        agency_code,
        'returns__schools' as source_entity,
        school_year,
        school_code as institution_code_moe,
        division_code,
        left(division_code, 4) || '00' as prefecture_code,
        school_kind_code,
        ownership_code,
        urban_rural_code,
        education_group_code,
        paired_school_code as paired_institution_code_moe,
        places,
        headcount,
        full_time_teachers,
        fee_cny_per_month,
        _event_id,
        _released_seq
    from returned
)

select * from placed
