{#
    Whether a day's rows of fct_learning_activity are a day of learning: work handed in makes it one, looking at pages
    only with enough minutes of it. What belongs to no course or programme is browsing and has been left out before.
#}
{% macro is_active_day() -%}
bool_or(activities.activity_kind_code = 'submission')
        or sum(
            coalesce(activities.duration_minutes, activities.clicks * {{ var('participation_minutes_of_a_click') }})
        ) >= {{ var('participation_min_active_minutes') }}
{%- endmacro %}
