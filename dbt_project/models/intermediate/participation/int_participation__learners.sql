{{ config(materialized='table', indexes=[{'columns': ['learner_key']}]) }}

with

windows as (
    select * from {{ ref('int_participation__windows') }}
),

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

active as (
    select * from {{ ref('int_participation__active') }}
),

attended as (
    select * from {{ ref('int_participation__attended') }}
),

seen as (
    select
        active.realm,
        active.reference_date,
        active.sector_code,
        active.learner_key,
        active.last_date > windows.weeks_after_date as is_in_4_weeks,
        true as is_online,
        null::uuid as institution_key
    from active
    inner join windows on active.realm = windows.realm and active.reference_date = windows.reference_date
    union all
    select
        windows.realm,
        windows.reference_date,
        agencies.sector_code,
        attended.learner_key,
        attended.last_date > windows.weeks_after_date as is_in_4_weeks,
        coalesce(attended.delivery_code = 'online', false) as is_online,
        attended.institution_key
    from attended
    inner join agencies on attended.agency_code = agencies.agency_code
    inner join windows
        on agencies.realm = windows.realm
        and attended.first_date <= windows.reference_date
        and attended.last_date > windows.year_after_date
),

institutions as (
    select institution_key, urban_rural_code from {{ ref('dim_institution') }} where urban_rural_code is not null
),

-- education that ends in a recognised qualification is formal: schools' and open universities'
learners as (
    select
        seen.realm,
        seen.reference_date,
        seen.learner_key,
        seen.sector_code,
        case when seen.sector_code in ('school', 'open_university') then 'formal' else 'non_formal' end
            as formality_code,
        max(institutions.urban_rural_code) as urban_rural_code,
        bool_or(seen.is_in_4_weeks) as is_in_4_weeks,
        bool_or(seen.is_online) as is_online
    from seen
    left join institutions on seen.institution_key = institutions.institution_key
    group by seen.realm, seen.reference_date, seen.learner_key, seen.sector_code
)

select * from learners
