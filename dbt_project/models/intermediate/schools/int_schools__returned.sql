with

returned as (
    select * from {{ ref('school_returns') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

successors as (
    select * from {{ ref('int_divisions__successors') }}
),

divisions as (
    select * from {{ ref('dim_division') }}
),

kinds as (
    select * from {{ ref('school_kind_stages') }}
),

-- two offices that report one school say the same thing twice
schools as (
    select distinct on (agencies.realm, returned.school_year, returned.institution_code_moe)
        agencies.realm,
        returned.*,
        make_date(returned.school_year - 1, 9, 1) as reference_date
    from returned
    inner join agencies on returned.agency_code = agencies.agency_code
    where agencies.realm is not null and returned.school_year between 1900 and 2999
    order by agencies.realm, returned.school_year, returned.institution_code_moe, returned.agency_code
),

-- a county that has been split since has no successor: its schools count in the prefecture and the province
placed as (
    select
        schools.realm,
        schools.school_year - 1 as start_year,
        schools.reference_date,
        schools.institution_code_moe,
        divisions.division_code,
        coalesce(divisions.prefecture_code, schools.prefecture_code) as prefecture_code,
        coalesce(kinds.stage_code, 'other') as stage_code,
        {{ urban_rural('schools.urban_rural_code') }} as urban_rural,
        coalesce(nullif(schools.education_group_code, ''), 'none') as education_group_code,
        coalesce(schools.education_group_code, schools.paired_institution_code_moe, '') <> '' as is_grouped_or_paired,
        schools.ownership_code,
        schools.places,
        schools.headcount,
        schools.full_time_teachers,
        schools.fee_cny_per_month
    from schools
    left join successors
        on schools.division_code = successors.division_code
        and successors.effective_date <= schools.reference_date
    left join divisions
        on coalesce(successors.successor_code, schools.division_code) = divisions.division_code
        and divisions.division_level = 'county'
        and divisions.valid_from <= schools.reference_date
        and (divisions.valid_to is null or schools.reference_date < divisions.valid_to)
    left join kinds on schools.school_kind_code = kinds.school_kind_code
)

select * from placed
