{#
    Ratios of every area and group from cells of counties: a sum over a sum, never the mean of rates.

    A cell is one county, dimension and member (a null division is a zone or school without a code: it counts in its
    prefecture, or in the province alone): indicator_code, method, realm, period, as_of, division_code, prefecture_code,
    dimension, member, numerator, denominator, unlinked_persons, is_complete, missing_note. A county that is not complete
    stays out of the sums above it and needs the return that its missing_note names.

    Beside the areas stand three groupings of counties, of totals and for the province: the counties listed as mountain
    (since 2024 mountain and island) counties on the day, those of the list of 2021 whatever became of them since, and
    islands; what is known of no prefecture is of no group. `in_groups` says of a county which of these it was added
    to. Unlinked persons are the upper bound's.
#}
{% macro sums_over_sums(cells, per=100, nobody='nobody it could count') %}
with

placed as (
    {{ placed_in_areas(cells) }}
),

summed as (
    select
        indicator_code,
        method,
        realm,
        period,
        area_code,
        area_level,
        placed_dimension as dimension,
        placed_member as member,
        min(in_groups) as in_groups,
        max(as_of) as as_of,
        bool_or(is_complete) as is_known,
        coalesce(sum(numerator) filter (where is_complete), 0) as numerator,
        coalesce(sum(denominator) filter (where is_complete), 0) as denominator,
        sum(unlinked_persons) filter (where is_complete) as unlinked_persons,
        min(missing_note) filter (where not is_complete) as missing_note
    from placed
    group by indicator_code, method, realm, period, area_code, area_level, placed_dimension, placed_member
)

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
    case when is_known then ({{ per }}.0 * numerator / nullif(denominator, 0))::double precision end as value,
    case when is_known then numerator::double precision end as numerator,
    case when is_known then denominator::double precision end as denominator,
    case when is_known and unlinked_persons is not null
        then ({{ per }}.0 * numerator / nullif(denominator, 0))::double precision end as value_low,
    case when is_known
        then ({{ per }}.0 * (numerator + unlinked_persons) / nullif(denominator, 0))::double precision end as value_high,
    case when is_known
        then (100.0 * numerator / nullif(numerator + unlinked_persons, 0))::double precision end as coverage_pct,
    case when is_known then unlinked_persons::bigint end as unlinked_persons,
    case when not is_known then 'needs_input' when denominator = 0 then 'not_applicable' else 'published' end as status,
    case when not is_known then missing_note when denominator = 0 then '{{ nobody }}' end as status_note,
    as_of
from summed
{% endmacro %}

{#-
    Rows of counties, each in every area and grouping it is added to: what sums_over_sums says of cells, for indicators
    that add up in their own way. Needs as_of, division_code, prefecture_code, dimension and member; keeps all columns
    and adds area_code, area_level, placed_dimension, placed_member (the grouping's, in a grouping) and in_groups.
-#}
{% macro placed_in_areas(cells) %}
with

divisions as (
    select * from {{ ref('dim_division') }} where division_level = 'county'
),

grouped as (
    select
        cells.*,
        cells.dimension = 'total' as is_total,
        cells.dimension = 'total' and cells.prefecture_code is not null as is_grouped,
        case when coalesce(divisions.is_mountain26 or divisions.is_mountain_island, false) then 'listed' else 'rest' end
            as listed_group,
        case when coalesce(divisions.is_mountain26_original, false) then 'mountain26' else 'rest' end as fixed_group,
        case when coalesce(divisions.is_island, false) then 'island' else 'mainland' end as island_group
    from {{ cells }} as cells
    left join divisions
        on cells.division_code = divisions.division_code
        and divisions.valid_from <= cells.as_of
        and (divisions.valid_to is null or cells.as_of < divisions.valid_to)
)

select
    grouped.*,
    areas.area_code,
    areas.area_level,
    areas.dimension as placed_dimension,
    areas.member as placed_member,
    case
        when areas.area_level = 'county' and grouped.is_total then concat_ws(
            ',',
            case when {{ is_list_in_force('grouped.as_of') }} then 'county_group:' || grouped.listed_group end,
            'county_group_fixed:' || grouped.fixed_group,
            'island:' || grouped.island_group
        )
    end as in_groups
from grouped
cross join lateral (
    values
    (grouped.division_code, 'county', grouped.dimension, grouped.member),
    (grouped.prefecture_code, 'prefecture', grouped.dimension, grouped.member),
    ('330000', 'province', grouped.dimension, grouped.member),
    (
        case when grouped.is_grouped and {{ is_list_in_force('grouped.as_of') }} then '330000' end,
        'province', 'county_group', grouped.listed_group
    ),
    (case when grouped.is_grouped then '330000' end, 'province', 'county_group_fixed', grouped.fixed_group),
    (case when grouped.is_grouped then '330000' end, 'province', 'island', grouped.island_group)
) as areas (area_code, area_level, dimension, member)
where areas.area_code is not null
{% endmacro %}

{#- Whether there was a list of mountain counties on the day. -#}
{% macro is_list_in_force(day) %}{{ day }} >= date '2021-01-01'{% endmacro %}
