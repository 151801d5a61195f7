{{ config(materialized='table') }}

with

institutions as (
    select * from {{ ref('dim_institution') }}
),

reference_days as (
    select * from {{ ref('int_schools__reference_days') }}
),

divisions as (
    select * from {{ ref('dim_division') }}
),

kinds as (
    select * from {{ ref('school_kind_stages') }}
),

returned as (
    select * from {{ ref('int_schools__returned') }}
),

pupils as (
    select institution_key, count(*) as pupils
    from {{ ref('int_schools__pupils') }}
    group by institution_key
),

-- which education group a school is in only its return tells
schools as (
    select
        reference_days.realm,
        reference_days.agency_code,
        reference_days.start_year,
        reference_days.reference_date,
        institutions.institution_key,
        counties.division_code,
        coalesce(counties.prefecture_code, prefectures.division_code) as prefecture_code,
        coalesce(kinds.stage_code, 'other') as stage_code,
        {{ urban_rural('institutions.urban_rural_code') }} as urban_rural,
        coalesce(returned.education_group_code, 'unknown') as education_group_code,
        coalesce(pupils.pupils, 0) as pupils
    from institutions
    inner join reference_days on institutions.agency_code = reference_days.agency_code
    left join pupils on institutions.institution_key = pupils.institution_key
    left join kinds on institutions.school_kind_code = kinds.school_kind_code
    left join divisions as counties
        on institutions.current_division_code = counties.division_code
        and counties.division_level = 'county'
        and counties.valid_from <= reference_days.reference_date
        and (counties.valid_to is null or reference_days.reference_date < counties.valid_to)
    left join divisions as prefectures
        on left(institutions.current_division_code, 4) || '00' = prefectures.division_code
        and prefectures.division_level = 'prefecture'
        and prefectures.valid_from <= reference_days.reference_date
        and (prefectures.valid_to is null or reference_days.reference_date < prefectures.valid_to)
    left join returned
        on institutions.institution_code_moe = returned.institution_code_moe
        and reference_days.realm = returned.realm
        and reference_days.start_year = returned.start_year
    where institutions.is_school
)

select * from schools
