{# Status and note of a value that no sum over a sum makes: a return is missing, nothing applies, or it stands. #}
{% macro status_of(missing_note, nothing_applies) -%}
    case
        when {{ missing_note }} is not null then 'needs_input' when {{ nothing_applies }} then 'not_applicable'
        else 'published'
    end
{%- endmacro %}

{% macro note_of(missing_note, nothing_applies, why) -%}
    case when {{ missing_note }} is not null then {{ missing_note }} when {{ nothing_applies }} then '{{ why }}' end
{%- endmacro %}
