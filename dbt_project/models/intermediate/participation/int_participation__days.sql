{{ config(
    materialized='incremental',
    incremental_strategy='made_again',
    on_schema_change='fail',
    indexes=[
        {'columns': ['learner_key', 'activity_date', 'realm', 'sector_code'], 'unique': true},
    ],
    pre_hook="{{ set_moved_aside() }}",
    post_hook="{{ tell_all_moved() }}",
    meta={
        'made_from': 'fct_learning_activity',
        'made_again_by': ['learner_key', 'activity_date'],
        'made_whole_with': ['dim_agency'],
        'tells': {'learner_key': 'learner_key', 'moved_date': 'activity_date'},
    },
) }}

with

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

-- learning has a plan: what belongs to no course or programme is browsing
activities as (
    select activities.*
    from {{ ref('fct_learning_activity') }} as activities
    {{ of_moved('activities') }}
    where activities.activity_kind_code in ('submission', 'page_view') and activities.programme_key is not null
),

days as (
    select
        agencies.realm,
        agencies.sector_code,
        activities.learner_key,
        activities.activity_date
    from activities
    inner join agencies on activities.agency_code = agencies.agency_code
    group by agencies.realm, agencies.sector_code, activities.learner_key, activities.activity_date
    having {{ is_active_day() }}
)

select * from days
