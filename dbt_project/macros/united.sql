{# The rows of several models under one list of columns, by name: a model with a column too few fails to build. #}
{% macro united(models, columns) %}
{%- for name in models %}
{{ 'union all' if not loop.first }}
select
    {% for column in columns -%}
    {{ column }}{{ ',' if not loop.last }}
    {% endfor -%}
from {{ ref(name) }}
{%- endfor %}
{% endmacro %}
