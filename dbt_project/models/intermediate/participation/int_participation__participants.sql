{{ config(materialized='table') }}

with

participations as (
    select * from {{ ref('int_participation__learners') }}
),

persons as (
    select * from {{ ref('dim_learner') }}
),

links as (
    select * from {{ ref('person_link') }} where source_entity = 'senior__enrolments'
),

registers as (
    select * from {{ ref('stg_senior__enrolments') }}
),

-- a register without birth dates gives a band of five years, of which the lowest age is sure
told_ages as (
    select links.learner_key, max(substring(registers.age_band_code from '^[0-9]+')::integer) as age_years
    from links
    inner join registers on links.agency_code = registers.agency_code and links.record_id = registers.record_id
    where registers.age_band_code is not null
    group by links.learner_key
),

once as (
    select
        realm,
        reference_date,
        learner_key,
        array_agg(distinct sector_code order by sector_code) as sector_codes,
        array_agg(distinct formality_code order by formality_code) as formality_codes,
        max(urban_rural_code) as urban_rural_code,
        bool_or(is_in_4_weeks) as is_in_4_weeks,
        bool_or(is_online) as is_online
    from participations
    group by realm, reference_date, learner_key
),

-- completed years: born on 29 February turns a year older on 1 March
participants as (
    select
        once.realm,
        once.reference_date,
        once.learner_key,
        once.sector_codes,
        once.formality_codes,
        once.is_in_4_weeks,
        once.is_online,
        persons.residence_division_code as division_code,
        persons.sex_code,
        {{ urban_rural('once.urban_rural_code') }} as urban_rural_code,
        coalesce(extract(year from age(once.reference_date, persons.birth_date))::integer, told_ages.age_years)
            as age_years,
        persons.is_linked
    from once
    inner join persons on once.learner_key = persons.learner_key
    left join told_ages on once.learner_key = told_ages.learner_key
)

select * from participants
