{{ config(
    indexes=[
        {'columns': ['agency_code', 'source_entity', 'record_id'], 'unique': true},
        {'columns': ['learner_key']},
    ],
) }}

with

users as (
    select * from {{ ref('stg_oneroster__users') }}
),

student_info as (
    select * from {{ ref('stg_oulad__student_info') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

records as (
    select
        agency_code, 'oneroster' as source_name, 'oneroster__users' as source_entity, record_id,
        user_id_oneroster as person_id_agency, _event_id
    from users
    union all
    select
        agency_code, 'oulad' as source_name, 'oulad__student_info' as source_entity, record_id,
        student_id_oulad as person_id_agency, _event_id
    from student_info
),

links as (
    select
        records.agency_code,
        records.source_entity,
        records.record_id,
        records.person_id_agency,
        persons.learner_key,
        persons.id_status_code,
        case when persons.is_linked then 'exact_person_key' else 'own_record' end as link_method_code,
        case when persons.is_linked then 1.0 end::double precision as link_score_ratio,
        persons.is_linked,
        records._event_id
    from records
    inner join persons
        on records.agency_code = persons.agency_code
        and records.source_name = persons.source_name
        and records.person_id_agency = persons.person_id_agency
)

select * from links
