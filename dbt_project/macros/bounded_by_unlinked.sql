{#
    Rows of sums_over_sums whose unlinked persons belong to the denominator as well: of them none may count, or all.
    Coverage is the share of the denominator that is linked.
#}
{% macro bounded_by_unlinked(rows_of_areas) %}
select
    indicator_code,
    method,
    realm,
    area_code,
    area_level,
    period,
    dimension,
    member,
    in_groups,
    value,
    numerator,
    denominator,
    case
        when unlinked_persons is not null then 100 * numerator / nullif(denominator + unlinked_persons, 0)
    end as value_low,
    case
        when unlinked_persons is not null
            then 100 * (numerator + unlinked_persons) / nullif(denominator + unlinked_persons, 0)
    end as value_high,
    case
        when unlinked_persons is not null then 100 * denominator / nullif(denominator + unlinked_persons, 0)
    end as coverage_pct,
    unlinked_persons,
    status,
    status_note,
    as_of
from {{ rows_of_areas }}
{% endmacro %}
