{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    indexes=[
        {'columns': ['agency_code', 'source_entity', 'record_id'], 'unique': true},
        {'columns': ['learner_key']},
    ],
    pre_hook="{{ set_touched_aside(ref('int_outcomes__touched')) }}",
    post_hook="{{ keep_watermarks({
        'results': ref('base_oulad__student_assessment'),
        'assessments': ref('base_oulad__assessments'),
        'student_info': ref('base_oulad__student_info'),
        'courses': ref('base_oulad__courses'),
    }) }}",
) }}

with

assessment_results as (
    select made.*
    from {{ ref('int_outcomes__assessment_results') }} as made
    {%- if is_incremental() %}
    inner join fct_learning_outcome__touched as touched
        on made.agency_code = touched.agency_code
        and made.source_entity = touched.source_entity
        and made.record_id = touched.record_id
    {%- endif %}
),

final_results as (
    select made.*
    from {{ ref('int_outcomes__final_results') }} as made
    {%- if is_incremental() %}
    inner join fct_learning_outcome__touched as touched
        on made.agency_code = touched.agency_code
        and made.source_entity = touched.source_entity
        and made.record_id = touched.record_id
    {%- endif %}
),

unioned as (
    select * from assessment_results
    union all
    select * from final_results
),

keyed as (
    select
        {{ surrogate_key(['agency_code', 'source_entity', 'record_id']) }} as outcome_key,
        agency_code,
        source_entity,
        record_id,
        learner_key,
        programme_key,
        outcome_kind_code,
        outcome_code,
        is_banked,
        score_pct,
        awarded_date,
        _event_id,
        _released_seq
    from unioned
)

select * from keyed
