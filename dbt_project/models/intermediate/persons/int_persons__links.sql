with

bound as (
    select released_seq as upper from intermediate.build_bound
),

links as (
    select * from {{ source('persons', 'link') }}
),

-- as this build may know them: what was linked, or taken back, since it began waits for the next one
known as (
    select
        links.agency_code,
        links.source_name,
        links.person_id_agency,
        links.learner_key,
        links.stated_learner_key,
        links.method,
        links.rule_version,
        links.score_bits,
        links.valid_from,
        links.valid_to,
        links.recorded_at
    from links
    cross join bound
    where links.method <> 'exact_person_key' and links.released_seq <= bound.upper
        and (links.superseded_seq is null or links.superseded_seq > bound.upper)
)

select * from known
