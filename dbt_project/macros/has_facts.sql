{#
    Whether an agency has rows in a fact: one look at the fact's index, which begins with the agency and what it
    delivers. (An `exists` would read the whole fact for every agency that has none, where most rows are another's.)
#}
{% macro has_facts(fact, agency_code) -%}
(select min(facts.source_entity) from {{ ref(fact) }} as facts where facts.agency_code = {{ agency_code }}) is not null
{%- endmacro %}
