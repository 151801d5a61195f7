{% set home = var('home_province_code') -%}

with

spells as (
    select * from {{ ref('fct_employment_spell') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

population as (
    select * from {{ ref('population') }} where base_code = 'resident'
),

registers as (
    select * from {{ ref('int_workers__registers') }}
),

successors as (
    select * from {{ ref('int_divisions__successors') }}
),

divisions as (
    select distinct division_code, prefecture_code from {{ ref('divisions') }} where division_level = 'county'
),

learners as (
    select * from {{ ref('dim_learner') }}
),

-- the last day of a year that the province counts its residents, as far as the registers reach: a quiet month at their
-- end is no gap, and a yearbook beside the return by age must not count the employed of a year twice
reference_dates as (
    select agencies.realm, max(population.reference_date) as reference_date
    from population
    inner join agencies on population.agency_code = agencies.agency_code
    inner join registers on agencies.realm = registers.realm
    where population.reference_date >= registers.covered_from
        and population.reference_date <= registers.covered_to + {{ var('register_lag_days') }}
    group by agencies.realm, extract(year from population.reference_date)
),

-- one person, one workplace: of several spells the one with most hours, then the latest
main_spells as (
    select distinct on (agencies.realm, reference_dates.reference_date, spells.learner_key)
        agencies.realm,
        reference_dates.reference_date,
        spells.learner_key,
        coalesce(successors.successor_code, spells.workplace_division_code) as workplace_division_code,
        spells.industry_section_code,
        spells.occupation_major_gbt6565_code
    from spells
    inner join agencies on spells.agency_code = agencies.agency_code
    inner join reference_dates
        on agencies.realm = reference_dates.realm
        and spells.started_date <= reference_dates.reference_date
        and (spells.ended_date is null or reference_dates.reference_date < spells.ended_date)
    left join successors
        on spells.workplace_division_code = successors.division_code
        and successors.effective_date <= reference_dates.reference_date
    order by
        agencies.realm,
        reference_dates.reference_date,
        spells.learner_key,
        spells.contract_hours desc nulls last,
        spells.started_date desc,
        spells.agency_code,
        spells.record_id
),

-- who works outside the province belongs to another; a workplace of no known county counts in the province alone
employed as (
    select
        main_spells.realm,
        main_spells.reference_date,
        main_spells.learner_key,
        divisions.division_code,
        divisions.prefecture_code,
        coalesce(learners.sex_code, 'unknown') as sex_code,
        case
            when learners.birth_date is null then 'unknown'
            when {{ age_on('main_spells.reference_date') }} < 25 then 'under25'
            when {{ age_on('main_spells.reference_date') }} < 35 then '25_34'
            when {{ age_on('main_spells.reference_date') }} < 45 then '35_44'
            when {{ age_on('main_spells.reference_date') }} < 55 then '45_54'
            else '55plus'
        end as age_band_code,
        coalesce(main_spells.industry_section_code, 'unknown') as industry_section_code,
        coalesce(main_spells.occupation_major_gbt6565_code, 'unknown') as occupation_major_code,
        learners.is_linked
    from main_spells
    inner join learners on main_spells.learner_key = learners.learner_key
    left join divisions on main_spells.workplace_division_code = divisions.division_code
    where coalesce(main_spells.workplace_division_code, '{{ home }}') like '{{ home }}%'
)

select * from employed
