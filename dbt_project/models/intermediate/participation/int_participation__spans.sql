{{ config(materialized='table') }}

with

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

activities as (
    select * from {{ ref('fct_learning_activity') }}
),

attended as (
    select * from {{ ref('int_participation__attended') }}
),

days as (
    select
        agencies.realm,
        agencies.sector_code,
        activities.learner_key,
        activities.activity_date,
        {{ is_active_day() }} as is_active
    from activities
    inner join agencies on activities.agency_code = agencies.agency_code
    where activities.activity_kind_code in ('submission', 'page_view') and activities.programme_key is not null
    group by agencies.realm, agencies.sector_code, activities.learner_key, activities.activity_date
),

-- a class list says from its first day on that somebody is there, and nothing yet of the days after
spans as (
    select
        realm,
        sector_code,
        learner_key,
        min(activity_date) as first_date,
        max(activity_date) as last_date,
        max(activity_date) as seen_date
    from days
    where is_active
    group by realm, sector_code, learner_key, date_trunc('year', activity_date)
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
