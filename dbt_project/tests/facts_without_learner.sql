-- A fact of a learner nobody knows has no age, sex or place, so it would vanish from every indicator.
{% set facts = [
    'fct_employment_spell', 'fct_enrolment', 'fct_learning_activity', 'fct_learning_outcome', 'fct_skill_certificate',
] -%}

with

facts as (
    {% for fact in facts -%}
    {{ 'union' if not loop.first }}
    {{ moved_in(fact, 'learner_key', decided_by='dim_learner') }}
    {% endfor %}
)

select facts.learner_key
from facts
left join {{ ref('dim_learner') }} as learners on facts.learner_key = learners.learner_key
where learners.learner_key is null
