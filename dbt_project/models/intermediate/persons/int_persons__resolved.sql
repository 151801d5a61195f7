{{ config(
    materialized='table',
    indexes=[{'columns': ['agency_code', 'source_name', 'person_id_agency'], 'unique': true}],
) }}

with

stated as (
    select * from {{ ref('int_persons__stated') }}
),

keys as (
    select
        agency_code,
        source_name,
        person_id_agency,
        person_key,
        min(id_status_code) as id_status_code,
        count(*) as records
    from stated
    group by agency_code, source_name, person_id_agency, person_key
),

-- one person, several records: the pseudonym most of them carry, and a known one before none
persons as (
    select distinct on (agency_code, source_name, person_id_agency)
        agency_code,
        source_name,
        person_id_agency,
        person_key,
        id_status_code
    from keys
    order by agency_code, source_name, person_id_agency, person_key is null, records desc, person_key
),

resolved as (
    select
        agency_code,
        source_name,
        person_id_agency,
        person_key,
        case
            when person_key is not null then {{ surrogate_key(["'person'", 'person_key']) }}
            else {{ surrogate_key(["'record'", 'agency_code', 'source_name', 'person_id_agency']) }}
        end as learner_key,
        person_key is not null as is_linked,
        coalesce(id_status_code, 'missing') as id_status_code
    from persons
)

select * from resolved
