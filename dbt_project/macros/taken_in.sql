{#
    What a data test has to read in a build: what the build took in; the rest was tested before. In a build of everything
    or of a selection, and run by themselves (release.build.run_data_tests), tests read everything:
    intermediate.build_bound then says -1 of where the build began.
#}

{#- Learners or agencies of a fact's rows that moved; all of them where what decides about them has moved, too. -#}
{% macro moved_in(fact, column, decided_by) %}
{%- set decider = ref(decided_by) -%}
{%- set whole = ref(fact) -%}
select {{ column }}
{%- if execute and is_increment() and not has_moved('model.' ~ project_name ~ '.' ~ decider.identifier)
    and not has_moved('model.' ~ project_name ~ '.' ~ fact) %}
from intermediate.moved where model_name = '{{ fact }}'
{%- else %}
from {{ whole }}
{%- endif -%}
{% endmacro %}

{#- Keeps records to those that this build is the first to take in. -#}
{% macro and_taken_in(records) -%}
and {{ records }}._released_seq > (select build_bound.since_seq from intermediate.build_bound)
{%- endmacro %}

{#- Whether this run takes in what moved (and is no build of everything, no selection, no test run by itself). -#}
{% macro is_increment() %}
{{ return(run_query('select 1 from intermediate.build_bound where since_seq >= 0') | length > 0) }}
{% endmacro %}
