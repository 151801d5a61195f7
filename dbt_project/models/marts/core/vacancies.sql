with

returned as (
    select * from {{ ref('stg_returns__vacancies') }}
),

groups as (
    select * from {{ ref('int_occupations__groups') }}
),

placed as (
    select
        returned.agency_code,
        'returns__vacancies' as source_entity,
        returned.data_month,
        returned.division_code,
        left(returned.division_code, 4) || '00' as prefecture_code,
        returned.occupation_scheme_code,
        returned.occupation_code,
        groups.occupation_major_code,
        groups.occupation_major_gbt6565_code,
        returned.vacancies,
        returned.applicants,
        returned._event_id,
        returned._released_seq
    from returned
    left join groups
        on returned.occupation_scheme_code = groups.occupation_scheme_code
        and left(returned.occupation_code, 1) = groups.occupation_major_code
)

select * from placed
