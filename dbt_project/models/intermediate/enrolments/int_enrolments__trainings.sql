with

trainings as (
    select * from {{ ref('stg_hr__trainings') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- a training with a result but no last day is over: only its first day is sure
dated as (
    select
        *,
        coalesce(ended_date, case when outcome_code is not null then started_date end) as last_date
    from trainings
),

attended as (
    select
        dated.agency_code,
        'hr__trainings' as source_entity,
        dated.record_id,
        persons.learner_key,
        -- without a provider's code it counts with the office that reports it
        {{ surrogate_key(['dated.agency_code', 'coalesce(dated.provider_uscc, dated.agency_code)']) }}
            as institution_key,
        case
            when dated.programme_name is not null
                then {{ surrogate_key(['dated.agency_code', 'dated.programme_name', 'dated.training_kind_code']) }}
        end as programme_key,
        coalesce(dated.outcome_code, 'not_reported') as outcome_code,
        null::date as registered_date,
        dated.started_date,
        case when dated.last_date is not null then greatest(dated.last_date + 1, dated.started_date) end as ended_date,
        dated._event_id,
        dated._released_seq
    from dated
    inner join persons
        on dated.agency_code = persons.agency_code
        and persons.source_name = 'hr'
        and 'hr__trainings|' || dated.record_id = persons.person_id_agency
)

select * from attended
