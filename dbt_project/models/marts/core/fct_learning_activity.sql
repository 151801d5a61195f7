{{ config(
    materialized='incremental',
    incremental_strategy='made_again',
    on_schema_change='fail',
    indexes=[
        {'columns': ['agency_code', 'source_entity', 'record_id'], 'unique': true},
        {'columns': ['learner_key', 'activity_date']},
    ],
    pre_hook="{{ set_touched_aside() }}",
    post_hook=["{{ keep_watermarks() }}", "{{ tell_all_moved() }}"],
    meta={
        'made_again_by': ['agency_code', 'source_entity', 'record_id'],
        'tells': {'agency_code': 'agency_code', 'learner_key': 'learner_key', 'moved_date': 'activity_date'},
    },
) }}

with

made as (
    {{ made_again(
        parts=[
            'int_activities__events',
            'int_activities__page_views',
            'int_activities__statements',
            'int_activities__submissions',
        ],
        columns=[
            'agency_code', 'source_entity', 'record_id', 'learner_key', 'programme_key', 'activity_kind_code',
            'activity_date', 'clicks', 'duration_minutes', '_event_id', '_released_seq',
        ],
    ) }}
),

keyed as (
    select {{ surrogate_key(['agency_code', 'source_entity', 'record_id']) }} as activity_key, *
    from made
)

select * from keyed
