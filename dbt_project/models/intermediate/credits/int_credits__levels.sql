with

outcomes as (
    select * from {{ ref('stg_credit_bank__learning_outcomes') }}
    where eqf_level is not null
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

levelled as (
    select
        outcomes.agency_code,
        'credit_bank__learning_outcomes' as source_entity,
        outcomes.record_id,
        persons.learner_key,
        'eqf' as framework_code,
        outcomes.eqf_level::text as level_code,
        outcomes.eqf_level as level_ordinal,
        {{ level_in_framework("'eqf'", 'outcomes.eqf_level::text', "'isced_2011'") }} as isced_level_ordinal,
        outcomes.awarded_date,
        outcomes._event_id
    from outcomes
    inner join persons
        on outcomes.agency_code = persons.agency_code
        and persons.source_name = 'credit_bank'
        and 'credit_bank__learning_outcomes|' || outcomes.record_id = persons.person_id_agency
)

select * from levelled
