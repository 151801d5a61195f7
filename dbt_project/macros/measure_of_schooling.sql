{% macro measure_of_schooling(summed, code, value, method="'census_3plus_jc16'", numerator='null', is_empty='person_years = 0', nobody='nobody with any schooling') %}
{#- Rows of an indicator over attainment classes: one row an area and breakdown of `summed`, which has their keys,
    in_groups, as_of, persons, person_years and missing_note. value and numerator are SQL over its columns; is_empty says
    when there is no value to give, nobody why. -#}
    select
        '{{ code }}' as indicator_code,
        {{ method }} as method,
        realm,
        area_code,
        area_level,
        period,
        dimension,
        member,
        in_groups,
        ({{ value }})::double precision as value,
        {{ numerator }}::double precision as numerator,
        persons::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        {{ status_of('missing_note', is_empty) }} as status,
        {{ note_of('missing_note', is_empty, nobody) }} as status_note,
        as_of
    from {{ summed }}
{% endmacro %}
