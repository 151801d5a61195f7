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
            'int_employments__hr',
        ],
        columns=[
            'agency_code', 'source_entity', 'record_id', 'learner_key', 'employer_uscc', 'employment_form_code',
            'occupation_scheme_code', 'occupation_code', 'occupation_major_code', 'occupation_major_gbt6565_code',
            'industry_code', 'industry_section_code', 'workplace_division_code', 'record_status_code',
            'contract_hours', 'started_date', 'ended_date', '_event_id', '_released_seq',
        ],
    ) }}
),

keyed as (
    select {{ surrogate_key(['agency_code', 'source_entity', 'record_id']) }} as employment_key, *
    from made
)

select * from keyed
