{# A key made from what identifies the thing: the same in every build and every environment. #}
{% macro surrogate_key(parts) -%}
    md5(concat_ws('|', {{ parts | join(', ') }}))::uuid
{%- endmacro %}
