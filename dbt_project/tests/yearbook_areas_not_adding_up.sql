-- Where a yearbook prints prefectures and the province, its counties and zones must add up to them.
{{ config(severity='warn') }}

with

yearbook as (
    select * from {{ ref('stg_census__county_yearbook') }}
),

units as (
    select * from {{ ref('int_population__yearbook_units') }}
),

sums as (
    select
        units.agency_code,
        units.reference_date,
        areas.area_code,
        sum(yearbook.pop) as residents,
        sum(yearbook.edu_primary_m + yearbook.edu_primary_f) as with_primary_school
    from units
    inner join yearbook on units.agency_code = yearbook.agency_code and units.record_id = yearbook.record_id
    cross join lateral (
        values (units.prefecture_code), (left(units.prefecture_code, 2) || '0000')
    ) as areas (area_code)
    group by units.agency_code, units.reference_date, areas.area_code
)

select sums.*, yearbook.pop as printed_residents
from sums
inner join yearbook
    on sums.agency_code = yearbook.agency_code
    and sums.reference_date = yearbook.reference_date
    and sums.area_code = yearbook.division_code
where yearbook.area_level_source in ('province', 'prefecture')
    and (
        sums.residents <> yearbook.pop
        or sums.with_primary_school <> yearbook.edu_primary_m + yearbook.edu_primary_f
    )
