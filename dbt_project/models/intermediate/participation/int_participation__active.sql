{{ config(
    materialized='incremental',
    incremental_strategy='made_again',
    on_schema_change='fail',
    indexes=[
        {'columns': ['learner_key', 'realm', 'sector_code', 'reference_date'], 'unique': true},
    ],
    pre_hook="{{ set_moved_aside() }}",
    post_hook="{{ tell_all_moved() }}",
    meta={
        'made_from': 'int_participation__days',
        'made_again_by': ['learner_key'],
        'made_whole_with': ['int_participation__windows'],
        'tells': {'learner_key': 'learner_key'},
    },
) }}

with

windows as (
    select * from {{ ref('int_participation__windows') }}
),

days as (
    select days.*
    from {{ ref('int_participation__days') }} as days
    {{ of_moved('days') }}
),

active as (
    select
        windows.realm,
        windows.reference_date,
        days.sector_code,
        days.learner_key,
        max(days.activity_date) as last_date
    from days
    inner join windows
        on days.realm = windows.realm
        and days.activity_date > windows.year_after_date
        and days.activity_date <= windows.reference_date
    group by windows.realm, windows.reference_date, days.sector_code, days.learner_key
)

select * from active
