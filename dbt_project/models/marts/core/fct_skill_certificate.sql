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
            'int_certificates__hr',
        ],
        columns=[
            'agency_code', 'source_entity', 'record_id', 'learner_key', 'certificate_kind_code', 'occupation_code',
            'occupation_major_code', 'skill_level_source', 'skill_scheme_code', 'skill_rank', 'is_high_skilled',
            'issuer_uscc', 'issued_date', 'revoked_date', 'ended_date', '_event_id', '_released_seq',
        ],
    ) }}
),

keyed as (
    select {{ surrogate_key(['agency_code', 'source_entity', 'record_id']) }} as certificate_key, *
    from made
)

select * from keyed
