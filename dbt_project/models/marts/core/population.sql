{{ config(indexes=[{'columns': ['division_code', 'reference_date']}]) }}

with

ages as (
    select * from {{ ref('stg_census__population_by_age') }}
),

yearbook_ages as (
    select * from {{ ref('int_population__yearbook_ages') }}
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
),

population as (
    select * from single_ages
    union all
    select * from yearbook_ages
)

select * from population
