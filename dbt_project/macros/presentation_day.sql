{# Day of a presentation as a date: its code names the year and the start (B, J), days count from that start. #}
{% macro presentation_day(presentation_code, starts, day) -%}
    make_date(left({{ presentation_code }}, 4)::integer, {{ starts }}.start_month, {{ starts }}.start_day) + {{ day }}
{%- endmacro %}
