{# A learner's completed years on a day; who was born on 29 February turns a year older on 1 March. #}
{% macro age_on(day) %}extract(year from age({{ day }}, learners.birth_date)){% endmacro %}
