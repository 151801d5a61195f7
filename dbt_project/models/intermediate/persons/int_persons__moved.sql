with

bound as (
    select released_seq as upper from intermediate.build_bound
),

links as (
    select * from {{ source('persons', 'link') }}
),

aliases as (
    select * from {{ source('persons', 'alias') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

moved as (
    select agency_code, source_name, person_id_agency, released_seq
    from links
    where method <> 'exact_person_key' and released_seq is not null

    union all

    select agency_code, source_name, person_id_agency, superseded_seq
    from links
    where method <> 'exact_person_key' and superseded_seq is not null

    union all

    select persons.agency_code, persons.source_name, persons.person_id_agency, aliases.released_seq
    from aliases
    inner join persons on aliases.learner_key = persons.base_learner_key

    union all

    select persons.agency_code, persons.source_name, persons.person_id_agency, aliases.superseded_seq
    from aliases
    inner join persons on aliases.learner_key = persons.base_learner_key
    where aliases.superseded_seq is not null
),

-- named as tables of records are, because facts ask it as they ask those
taken_in as (
    select
        moved.agency_code as _agency_code,
        moved.source_name,
        moved.person_id_agency,
        moved.released_seq as _released_seq
    from moved
    cross join bound
    where moved.released_seq <= bound.upper
)

select * from taken_in
