-- A fact of a learner nobody knows has no age, sex or place, so it would vanish from every indicator.
with

facts as (
    select learner_key from {{ ref('fct_enrolment') }}
    union
    select learner_key from {{ ref('fct_learning_activity') }}
    union
    select learner_key from {{ ref('fct_learning_outcome') }}
)

select facts.learner_key
from facts
left join {{ ref('dim_learner') }} as learners on facts.learner_key = learners.learner_key
where learners.learner_key is null
