with

ages as (
    select * from {{ ref('stg_census__population_by_age') }}
),

single_ages as (
    select
        agency_code,
        'census__population_by_age' as source_entity,
        division_code as unit_code,
        division_code,
        left(division_code, 4) || '00' as prefecture_code,
        base_code,
        reference_date,
        sex_code,
        age_years as age_from_years,
        age_years as age_to_years,
        persons,
        _event_id,
        _released_seq
    from ages
    where persons is not null
)

select * from single_ages
