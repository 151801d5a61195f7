with

history as (
    select * from {{ ref('dim_learner_history') }}
),

institutions as (
    select * from {{ ref('dim_institution') }}
),

-- as it is known now: spans that a correction has overruled are history's alone
attended as (
    select
        history.learner_key,
        'school' as kind_code,
        history.valid_from as begun_date,
        history.valid_to as ended_date,
        null::text as title,
        history.institution_key,
        coalesce(institutions.institution_name, history.value_code) as institution_name,
        null::text as result_code,
        null::double precision as score_pct,
        null::double precision as learning_hours,
        null::double precision as credits,
        history.agency_code,
        history.source_entity,
        history.record_id,
        history._event_id,
        history._released_seq
    from history
    left join institutions on history.institution_key = institutions.institution_key
    where history.attribute_code = 'school' and history.known_to is null
)

select * from attended
