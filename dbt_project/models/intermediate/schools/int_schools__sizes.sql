with

registered as (
    select * from {{ ref('int_schools__register') }}
),

returned as (
    select * from {{ ref('int_schools__returned') }}
),

sizes as (
    select
        'active_pupils_1sep' as method,
        realm,
        start_year,
        reference_date as as_of,
        division_code,
        prefecture_code,
        stage_code,
        urban_rural,
        education_group_code,
        pupils
    from registered
    union all
    select
        'returns_headcount' as method,
        realm,
        start_year,
        reference_date as as_of,
        division_code,
        prefecture_code,
        stage_code,
        urban_rural,
        education_group_code,
        headcount as pupils
    from returned
)

select * from sizes
