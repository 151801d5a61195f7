with

trainings as (
    select * from {{ ref('stg_hr__trainings') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

finished as (
    select
        trainings.agency_code,
        'hr__trainings' as source_entity,
        trainings.record_id,
        persons.learner_key,
        case
            when trainings.programme_name is not null
                then {{ surrogate_key(
                    ['trainings.agency_code', 'trainings.programme_name', 'trainings.training_kind_code']
                ) }}
        end as programme_key,
        'training' as outcome_kind_code,
        trainings.outcome_code,
        false as is_banked,
        null::double precision as score_pct,
        trainings.training_hours::double precision as learning_hours,
        trainings.ended_date as awarded_date,
        trainings._event_id,
        trainings._released_seq
    from trainings
    inner join persons
        on trainings.agency_code = persons.agency_code
        and persons.source_name = 'hr'
        and 'hr__trainings|' || trainings.record_id = persons.person_id_agency
    -- a training still under way has no result yet
    where trainings.outcome_code is not null
)

select * from finished
