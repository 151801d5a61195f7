{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    indexes=[
        {'columns': ['agency_code', 'source_entity', 'record_id'], 'unique': true},
        {'columns': ['learner_key']},
        {'columns': ['institution_key']},
    ],
    pre_hook="{{ set_touched_aside(ref('int_enrolments__touched')) }}",
    post_hook="{{ keep_watermarks({
        'enrollments': ref('base_oneroster__enrollments'),
        'users': ref('base_oneroster__users'),
        'classes': ref('base_oneroster__classes'),
        'sessions': ref('base_oneroster__academic_sessions'),
        'registrations': ref('base_oulad__student_registration'),
        'student_info': ref('base_oulad__student_info'),
        'courses': ref('base_oulad__courses'),
    }) }}",
) }}

with

schools as (
    select made.*
    from {{ ref('int_enrolments__schools') }} as made
    {%- if is_incremental() %}
    inner join fct_enrolment__touched as touched
        on made.agency_code = touched.agency_code
        and made.source_entity = touched.source_entity
        and made.record_id = touched.record_id
    {%- endif %}
),

open_universities as (
    select made.*
    from {{ ref('int_enrolments__open_universities') }} as made
    {%- if is_incremental() %}
    inner join fct_enrolment__touched as touched
        on made.agency_code = touched.agency_code
        and made.source_entity = touched.source_entity
        and made.record_id = touched.record_id
    {%- endif %}
),

unioned as (
    select * from schools
    union all
    select * from open_universities
),

keyed as (
    select
        {{ surrogate_key(['agency_code', 'source_entity', 'record_id']) }} as enrolment_key,
        agency_code,
        source_entity,
        record_id,
        learner_key,
        institution_key,
        programme_key,
        outcome_code,
        registered_date,
        started_date,
        ended_date,
        _event_id,
        _released_seq
    from unioned
)

select * from keyed
