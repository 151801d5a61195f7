{{ config(
    materialized='incremental',
    incremental_strategy='made_again',
    on_schema_change='fail',
    indexes=[
        {'columns': ['agency_code', 'source_entity', 'record_id'], 'unique': true},
        {'columns': ['learner_key']},
        {'columns': ['institution_key']},
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
            'int_enrolments__credit_bank',
            'int_enrolments__open_universities',
            'int_enrolments__schools',
            'int_enrolments__senior_universities',
            'int_enrolments__trainings',
        ],
        columns=[
            'agency_code', 'source_entity', 'record_id', 'learner_key', 'institution_key', 'programme_key',
            'outcome_code', 'registered_date', 'started_date', 'ended_date', '_event_id', '_released_seq',
        ],
    ) }}
),

keyed as (
    select {{ surrogate_key(['agency_code', 'source_entity', 'record_id']) }} as enrolment_key, *
    from made
)

select * from keyed
