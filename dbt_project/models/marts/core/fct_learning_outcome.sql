{{ config(
    materialized='incremental',
    incremental_strategy='made_again',
    on_schema_change='fail',
    indexes=[
        {'columns': ['agency_code', 'source_entity', 'record_id'], 'unique': true},
        {'columns': ['learner_key']},
    ],
    pre_hook="{{ set_touched_aside() }}",
    post_hook=["{{ keep_watermarks() }}", "{{ tell_all_moved() }}"],
    meta={
        'made_again_by': ['agency_code', 'source_entity', 'record_id'],
        'tells': {'agency_code': 'agency_code', 'learner_key': 'learner_key'},
    },
) }}

with

made as (
    {{ made_again(
        parts=[
            'int_outcomes__assessment_results',
            'int_outcomes__credit_bank',
            'int_outcomes__final_results',
            'int_outcomes__school_results',
            'int_outcomes__senior_courses',
            'int_outcomes__trainings',
        ],
        columns=[
            'agency_code', 'source_entity', 'record_id', 'learner_key', 'programme_key', 'outcome_kind_code',
            'outcome_code', 'is_banked', 'score_pct', 'learning_hours', 'awarded_date', '_event_id', '_released_seq',
        ],
    ) }}
),

keyed as (
    select {{ surrogate_key(['agency_code', 'source_entity', 'record_id']) }} as outcome_key, *
    from made
)

select * from keyed
