{{ config(
    grants={'select': ['engineer', 'flyover_learner']},
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

recorded as (
    select * from {{ ref('int_persons__links') }}
),

links as (
    select
        stated.agency_code,
        stated.source_entity,
        stated.record_id,
        stated.person_id_agency,
        persons.learner_key,
        persons.id_status_code,
        persons.link_method_code,
        persons.link_rule_version,
        persons.link_score_bits,
        case
            when persons.link_score_bits is not null then 1 / (1 + power(2, -persons.link_score_bits))
            when persons.link_method_code in ('exact_person_key', 'review') then 1.0
        end::double precision as link_score_ratio,
        case
            when persons.is_linked then 'linked'
            when persons.link_method_code = 'set_apart' then 'set_apart'
            when persons.link_method_code = 'own_record' then 'unlinked'
            else 'joined_without_id'
        end as link_status_code,
        persons.is_merged,
        recorded.valid_from,
        recorded.valid_to,
        recorded.recorded_at,
        persons.is_linked,
        stated._event_id
    from stated
    inner join persons
        on stated.agency_code = persons.agency_code
        and stated.source_name = persons.source_name
        and stated.person_id_agency = persons.person_id_agency
    left join recorded
        on stated.agency_code = recorded.agency_code
        and stated.source_name = recorded.source_name
        and stated.person_id_agency = recorded.person_id_agency
        and persons.link_method_code = recorded.method
)

select * from links
