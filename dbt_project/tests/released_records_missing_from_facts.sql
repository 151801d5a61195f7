-- Live released records that became no fact, by entity. Their person (or assessment) has not been released: the
-- cross-entity rules of the suites should have quarantined them. They enter core when it arrives. A build looks at what
-- it took in; run by itself (or in a build of everything) the test looks at all records.
{{ config(severity='warn') }}

{#- every record of these must become a row of the fact; a record is counted in one fact alone -#}
{% set facts = {
    'fct_employment_spell': {'hr__employments': 'true'},
    'fct_enrolment': {
        'credit_bank__cross_enrolments': 'true',
        'hr__trainings': 'true',
        'oneroster__enrollments': "role_code = 'student'",
        'oulad__student_registration': 'true',
        'senior__enrolments': 'true',
    },
    'fct_learning_activity': {
        'oulad__student_vle': 'true',
        'xapi__statements': 'actor_id_xapi is not null',
    },
    'fct_learning_outcome': {
        'credit_bank__learning_outcomes': 'true',
        'oneroster__results': "score_status_code = 'fully graded'",
        'oulad__student_assessment': 'true',
    },
    'fct_skill_certificate': {'hr__skill_certificates': 'true'},
} -%}

with

missing as (
    {% for fact, entities in facts.items() -%}
    {% set outer = loop -%}
    {% for entity, condition in entities.items() -%}
    {{ 'union all' if not (outer.first and loop.first) }}
    select '{{ entity }}' as source_entity, records.agency_code
    from {{ ref('stg_' ~ entity) }} as records
    left join {{ ref(fact) }} as facts
        on records.agency_code = facts.agency_code
        and facts.source_entity = '{{ entity }}'
        and records.record_id = facts.record_id
    where {{ condition }} and facts.record_id is null {{ and_taken_in('records') }}
    {% endfor -%}
    {% endfor %}
)

select source_entity, agency_code, count(*) as missing_records
from missing
group by source_entity, agency_code
