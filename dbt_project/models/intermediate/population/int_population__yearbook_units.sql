with

yearbook as (
    select * from {{ ref('stg_census__county_yearbook') }}
),

divisions as (
    select distinct prefecture_code, division_name_zh from {{ ref('divisions') }} where division_level = 'prefecture'
),

-- counties and, beside them, zones without a code of their own; the rows of prefectures and the province
-- repeat their sum and are only compared with it
units as (
    select
        coalesce(yearbook.division_code, divisions.prefecture_code || ':' || yearbook.county_name_zh) as unit_code,
        coalesce(left(yearbook.division_code, 4) || '00', divisions.prefecture_code) as prefecture_code,
        yearbook.agency_code,
        yearbook.record_id,
        yearbook.division_code,
        yearbook.base_code,
        yearbook.reference_date,
        yearbook._event_id,
        yearbook._released_seq
    from yearbook
    left join divisions on yearbook.prefecture_name_zh = divisions.division_name_zh
    where yearbook.area_level_source not in ('province', 'prefecture')
)

select * from units
