{{ config(
    grants={'select': ['engineer', 'flyover_learner']},
    indexes=[{'columns': ['learner_key'], 'unique': true}],
) }}

with

attributes as (
    select * from {{ ref('int_persons__attributes') }}
),

successors as (
    select * from {{ ref('int_divisions__successors') }}
),

learners as (
    select
        attributes.learner_key,
        coalesce(attributes.sex_code, 'unknown') as sex_code,
        coalesce(successors.successor_code, attributes.residence_division_code) as residence_division_code,
        attributes.source_persons,
        attributes.birth_date,
        attributes.is_linked
    from attributes
    left join successors on attributes.residence_division_code = successors.division_code
)

select * from learners
