{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    indexes=[
        {'columns': ['agency_code', 'source_entity', 'record_id'], 'unique': true},
        {'columns': ['learner_key', 'activity_date']},
    ],
    pre_hook="{{ set_touched_aside(ref('int_activities__touched')) }}",
    post_hook="{{ keep_watermarks({
        'page_views': ref('base_oulad__student_vle'),
        'results': ref('base_oulad__student_assessment'),
        'assessments': ref('base_oulad__assessments'),
        'student_info': ref('base_oulad__student_info'),
    }) }}",
) }}

with

page_views as (
    select made.*
    from {{ ref('int_activities__page_views') }} as made
    {%- if is_incremental() %}
    inner join fct_learning_activity__touched as touched
        on made.agency_code = touched.agency_code
        and made.source_entity = touched.source_entity
        and made.record_id = touched.record_id
    {%- endif %}
),

submissions as (
    select made.*
    from {{ ref('int_activities__submissions') }} as made
    {%- if is_incremental() %}
    inner join fct_learning_activity__touched as touched
        on made.agency_code = touched.agency_code
        and made.source_entity = touched.source_entity
        and made.record_id = touched.record_id
    {%- endif %}
),

unioned as (
    select * from page_views
    union all
    select * from submissions
),

keyed as (
    select
        {{ surrogate_key(['agency_code', 'source_entity', 'record_id']) }} as activity_key,
        agency_code,
        source_entity,
        record_id,
        learner_key,
        programme_key,
        activity_kind_code,
        activity_date,
        clicks,
        _event_id,
        _released_seq
    from unioned
)

select * from keyed
