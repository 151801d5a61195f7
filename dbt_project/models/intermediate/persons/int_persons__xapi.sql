with

statements as (
    select * from {{ ref('stg_xapi__statements') }}
),

-- one row an actor and pseudonym, not one a statement: the first statement stands for the rest
persons as (
    select distinct on (agency_code, actor_id_xapi, _person_key)
        agency_code,
        'xapi' as source_name,
        'xapi__statements' as source_entity,
        record_id,
        actor_id_xapi as person_id_agency,
        _person_key as person_key,
        _id_status as id_status_code,
        null::date as birth_date,
        null as sex_code,
        null as residence_division_code,
        false as is_residence_asked,
        _event_id
    from statements
    where actor_id_xapi is not null
    order by agency_code, actor_id_xapi, _person_key, record_id
)

select * from persons
