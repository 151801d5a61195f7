with

spells as (
    select * from {{ ref('fct_employment_spell') }}
),

majors as (
    select * from {{ ref('occupation_majors') }}
),

worked as (
    select
        spells.learner_key,
        'employment' as kind_code,
        spells.started_date as begun_date,
        spells.ended_date,
        concat_ws(' ', spells.occupation_scheme_code, spells.occupation_code, majors.name_zh) as title,
        null::uuid as institution_key,
        spells.employer_uscc as institution_name,
        null::text as result_code,
        null::double precision as score_pct,
        null::double precision as learning_hours,
        null::double precision as credits,
        spells.agency_code,
        spells.source_entity,
        spells.record_id,
        spells._event_id,
        spells._released_seq
    from spells
    left join majors
        on spells.occupation_scheme_code = majors.occupation_scheme_code
        and spells.occupation_major_code = majors.occupation_major_code
)

select * from worked
