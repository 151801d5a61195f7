{{ config(
    materialized='incremental',
    incremental_strategy='made_again',
    on_schema_change='fail',
    indexes=[
        {'columns': ['learner_key', 'realm', 'sector_code', 'first_date'], 'unique': true},
    ],
    pre_hook="{{ set_moved_aside() }}",
    post_hook="{{ tell_all_moved() }}",
    meta={
        'made_from': 'int_participation__days',
        'made_again_by': ['learner_key'],
        'made_whole_with': [],
        'tells': {'learner_key': 'learner_key'},
    },
) }}

with

days as (
    select days.*
    from {{ ref('int_participation__days') }} as days
    {{ of_moved('days') }}
),

years as (
    select
        realm,
        sector_code,
        learner_key,
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from days
    group by realm, sector_code, learner_key, date_trunc('year', activity_date)
)

select * from years
