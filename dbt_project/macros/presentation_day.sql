{#
    Day of a presentation as a date: its code names the year and the start (B, J), days count from that start.
    Null for a code that is none and for a day more than ten years away, so that one nonsense value, which the rules
    of its suite did not stop, cannot stop a build.
#}
{% macro presentation_day(presentation_code, starts, day) -%}
    case
            when {{ day }} between -3660 and 3660
                then make_date(
                    substring({{ presentation_code }} from '^([12][0-9]{3})[A-Z]$')::integer,
                    {{ starts }}.start_month,
                    {{ starts }}.start_day
                ) + {{ day }}
        end
{%- endmacro %}
