-- A fact whose agency is not in the registry has no realm and silently leaves every indicator.
{% set facts = [
    'fct_employment_spell', 'fct_enrolment', 'fct_learning_activity', 'fct_learning_outcome', 'fct_skill_certificate',
] -%}
{% set returns = [
    'fct_credit_entry', 'population', 'attainment', 'births_migration', 'community_learning', 'graduates', 'higher_education',
    'school_returns', 'survey_estimates', 'targets', 'vacancies',
] -%}

with

facts as (
    {% for fact in facts -%}
    {{ moved_in(fact, 'agency_code', decided_by='dim_agency') }}
    union
    {% endfor -%}
    {% for return in returns -%}
    {{ 'union' if not loop.first }}
    select agency_code from {{ ref(return) }}
    {% endfor %}
)

select facts.agency_code
from facts
left join {{ ref('dim_agency') }} as agencies on facts.agency_code = agencies.agency_code
where agencies.agency_code is null
