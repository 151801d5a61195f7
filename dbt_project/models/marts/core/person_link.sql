{{ config(
    indexes=[
        {'columns': ['agency_code', 'source_entity', 'record_id'], 'unique': true},
        {'columns': ['learner_key']},
    ],
) }}

with

stated as (
    select * from {{ ref('int_persons__stated') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

links as (
    select
        stated.agency_code,
        stated.source_entity,
        stated.record_id,
        stated.person_id_agency,
        persons.learner_key,
        persons.id_status_code,
        case when persons.is_linked then 'exact_person_key' else 'own_record' end as link_method_code,
        case when persons.is_linked then 1.0 end::double precision as link_score_ratio,
        persons.is_linked,
        stated._event_id
    from stated
    inner join persons
        on stated.agency_code = persons.agency_code
        and stated.source_name = persons.source_name
        and stated.person_id_agency = persons.person_id_agency
)

select * from links
