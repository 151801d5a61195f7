{{ config(
    materialized='table',
    indexes=[{'columns': ['agency_code', 'source_name', 'person_id_agency'], 'unique': true}],
) }}

with

users as (
    select * from {{ ref('stg_oneroster__users') }}
),

student_info as (
    select * from {{ ref('stg_oulad__student_info') }}
),

school_persons as (
    select agency_code, user_id_oneroster as person_id_agency, _person_key as person_key, _id_status as id_status
    from users
),

student_keys as (
    select
        agency_code,
        student_id_oulad as person_id_agency,
        _person_key as person_key,
        min(_id_status) as id_status,
        count(*) as records
    from student_info
    group by agency_code, student_id_oulad, _person_key
),

-- one student, several presentations: the pseudonym most of them carry, and a known one before none
student_persons as (
    select distinct on (agency_code, person_id_agency) agency_code, person_id_agency, person_key, id_status
    from student_keys
    order by agency_code, person_id_agency, person_key is null, records desc, person_key
),

persons as (
    select 'oneroster' as source_name, * from school_persons
    union all
    select 'oulad' as source_name, * from student_persons
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
        coalesce(id_status, 'missing') as id_status_code
    from persons
)

select * from resolved
