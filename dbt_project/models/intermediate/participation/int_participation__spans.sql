{{ config(materialized='table') }}

with

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

years as (
    select * from {{ ref('int_participation__years') }}
),

attended as (
    select * from {{ ref('int_participation__attended') }}
),

-- a class list says from its first day on that somebody is there, and nothing yet of the days after
spans as (
    select
        realm,
        sector_code,
        learner_key,
        first_date,
        last_date,
        last_date as seen_date
    from years
    union all
    select
        agencies.realm,
        agencies.sector_code,
        attended.learner_key,
        attended.first_date,
        attended.last_date,
        attended.first_date as seen_date
    from attended
    inner join agencies on attended.agency_code = agencies.agency_code
)

select * from spans
