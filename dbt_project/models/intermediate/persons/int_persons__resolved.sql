{{ config(
    materialized='table',
    indexes=[
        {'columns': ['agency_code', 'source_name', 'person_id_agency'], 'unique': true},
        {'columns': ['base_learner_key']},
        {'columns': ['learner_key']},
    ],
    grants={'select': ['engineer', 'flyover_linker']},
) }}

with

stated as (
    select * from {{ ref('int_persons__stated') }}
),

links as (
    select * from {{ ref('int_persons__links') }}
),

aliases as (
    select * from {{ ref('int_persons__aliases') }}
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
        id_status_code,
        case when person_key is not null then {{ surrogate_key(["'person'", 'person_key']) }} end as stated_learner_key
    from keys
    order by agency_code, source_name, person_id_agency, person_key is null, records desc, person_key
),

-- a person's word holds whatever the record says now; a model's only for the id, or the lack of one, that it looked at
linked as (
    select
        persons.*,
        links.method,
        links.score_bits,
        links.rule_version,
        coalesce(
            links.learner_key,
            persons.stated_learner_key,
            {{ surrogate_key(["'record'", 'persons.agency_code', 'persons.source_name', 'persons.person_id_agency']) }}
        ) as base_learner_key
    from persons
    left join links
        on persons.agency_code = links.agency_code
        and persons.source_name = links.source_name
        and persons.person_id_agency = links.person_id_agency
        and (links.method = 'review' or persons.stated_learner_key is not distinct from links.stated_learner_key)
),

merged as (
    select
        linked.*,
        aliases.learner_key is not null as is_merged,
        coalesce(aliases.into_learner_key, linked.base_learner_key) as learner_key
    from linked
    left join aliases on linked.base_learner_key = aliases.learner_key
),

-- learners behind whom a valid id stands somewhere
identified as (
    select distinct learner_key from merged
    where base_learner_key = stated_learner_key
),

resolved as (
    select
        merged.agency_code,
        merged.source_name,
        merged.person_id_agency,
        merged.person_key,
        merged.learner_key,
        merged.base_learner_key,
        merged.stated_learner_key,
        identified.learner_key is not null as is_linked,
        coalesce(merged.id_status_code, 'missing') as id_status_code,
        merged.is_merged,
        case
            when merged.method is not null then merged.method
            when merged.person_key is not null then 'exact_person_key'
            else 'own_record'
        end as link_method_code,
        coalesce(merged.rule_version, case when merged.person_key is not null then 'id-1' end) as link_rule_version,
        merged.score_bits as link_score_bits
    from merged
    left join identified on merged.learner_key = identified.learner_key
)

select * from resolved
