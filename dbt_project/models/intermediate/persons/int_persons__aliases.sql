with

bound as (
    select released_seq as upper from intermediate.build_bound
),

aliases as (
    select * from {{ source('persons', 'alias') }}
),

known as (
    select
        aliases.learner_key,
        aliases.into_learner_key,
        aliases.recorded_at
    from aliases
    cross join bound
    where aliases.released_seq <= bound.upper
        and (aliases.superseded_seq is null or aliases.superseded_seq > bound.upper)
)

select * from known
