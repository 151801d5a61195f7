{#
    The ordinal of a level in another framework, for comparing it with that framework's levels: null where no row of
    core.level_crosswalk says so, and then nothing can be compared. A level of the framework itself needs no row.
    The ordinal of a classification that is not ordered (fields of study) is null, too.
#}
{% macro level_in_framework(framework_code, level_code, in_framework) -%}
(
        select levels.ordinal
        from {{ ref('framework_levels') }} as levels
        left join {{ ref('level_crosswalk') }} as crosswalk
            on crosswalk.from_framework_code = {{ framework_code }}
            and crosswalk.from_level_code = {{ level_code }}
            and crosswalk.to_framework_code = {{ in_framework }}
        where levels.framework_code = {{ in_framework }}
            and levels.level_code = case
                when {{ framework_code }} = {{ in_framework }} then {{ level_code }} else crosswalk.to_level_code
            end
    )
{%- endmacro %}
