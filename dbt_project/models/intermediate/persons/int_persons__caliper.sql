with

events as (
    select * from {{ ref('stg_caliper__events') }}
),

-- one row an actor, not one an event: the first event stands for the rest; Caliper knows nobody's resident id
persons as (
    select distinct on (agency_code, actor_id_caliper)
        agency_code,
        'caliper' as source_name,
        'caliper__events' as source_entity,
        record_id,
        actor_id_caliper as person_id_agency,
        null as person_key,
        null as id_status_code,
        null::date as birth_date,
        null as sex_code,
        null as residence_division_code,
        false as is_residence_asked,
        _event_id
    from events
    where actor_type_code = 'Person' and actor_id_caliper is not null
    order by agency_code, actor_id_caliper, record_id
)

select * from persons
