{#
    Day of a presentation as a date: its code names the year and the start (B, J), days count from that start.
    Null for a code that is none and for a day more than ten years away, so that one nonsense value, which the rules
    of its suite did not stop, cannot stop a build.

    `starts` is one row with all starts by letter (starts_by_letter), not a table to be joined by the letter: what the
    planner expects of a join by the end of a text is so far off that it would work out the day of every click before
    it looks which of them a build is about.
#}
{% macro presentation_day(presentation_code, starts, day) -%}
    case
            when {{ day }} between -3660 and 3660
                then make_date(
                    substring({{ presentation_code }} from '^([12][0-9]{3})[A-Z]$')::integer,
                    ({{ starts }}.by_letter ->> right({{ presentation_code }}, 1))::integer / 100,
                    ({{ starts }}.by_letter ->> right({{ presentation_code }}, 1))::integer % 100
                ) + {{ day }}
        end
{%- endmacro %}

{% macro starts_by_letter() -%}
    select jsonb_object_agg(presentation_letter, start_month * 100 + start_day) as by_letter
    from {{ ref('presentation_starts') }}
{%- endmacro %}

{#- Whether a start is known for the letter that the code ends with. -#}
{% macro starts_on_a_known_day(presentation_code, starts) -%}
({{ starts }}.by_letter ->> right({{ presentation_code }}, 1)) is not null
{%- endmacro %}
