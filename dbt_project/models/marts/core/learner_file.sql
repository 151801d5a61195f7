{{ config(materialized='view', grants={'select': ['engineer', 'flyover_learner']}) }}

with

-- each part is a view over a fact that is indexed by learner, so one life costs a few look-ups
lines as (
    {{ united(
        models=[
            'int_learner_file__certificates',
            'int_learner_file__credentials',
            'int_learner_file__credits',
            'int_learner_file__employments',
            'int_learner_file__enrolments',
            'int_learner_file__outcomes',
            'int_learner_file__schools',
        ],
        columns=[
            'learner_key', 'kind_code', 'begun_date', 'ended_date', 'title', 'institution_key', 'institution_name',
            'result_code', 'score_pct', 'learning_hours', 'credits', 'agency_code', 'source_entity', 'record_id',
            '_event_id', '_released_seq',
        ],
    ) }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

file as (
    select
        lines.learner_key,
        agencies.sector_code,
        agencies.realm,
        lines.kind_code,
        lines.begun_date,
        lines.ended_date,
        lines.title,
        lines.institution_key,
        coalesce(lines.institution_name, agencies.agency_name_zh) as institution_name,
        lines.result_code,
        lines.score_pct,
        lines.learning_hours,
        lines.credits,
        lines.agency_code,
        lines.source_entity,
        lines.record_id,
        lines._event_id,
        lines._released_seq
    from lines
    inner join agencies on lines.agency_code = agencies.agency_code
)

select * from file
