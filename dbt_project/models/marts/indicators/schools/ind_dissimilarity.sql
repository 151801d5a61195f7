with

units as (
    select * from {{ ref('int_schools__groups_by_unit') }}
),

spread as (
    select
        units.method,
        units.realm,
        units.start_year,
        units.as_of,
        units.division_code,
        units.prefecture_code,
        units.unit_key,
        units.first_group,
        units.second_group,
        members.dimension,
        members.member
    from units
    cross join lateral (values ('total', 'total'), ('stage', units.stage_code)) as members (dimension, member)
),

placed as (
    {{ placed_in_areas('spread') }}
),

of_units as (
    select
        method,
        realm,
        start_year,
        area_code,
        area_level,
        placed_dimension as dimension,
        placed_member as member,
        unit_key,
        min(in_groups) as in_groups,
        max(as_of) as as_of,
        coalesce(sum(first_group), 0) as first_group,
        coalesce(sum(second_group), 0) as second_group
    from placed
    group by method, realm, start_year, area_code, area_level, placed_dimension, placed_member, unit_key
),

shares as (
    select
        of_units.*,
        sum(of_units.first_group) over (areas) as all_first,
        sum(of_units.second_group) over (areas) as all_second
    from of_units
    window areas as (
        partition by
            of_units.method, of_units.realm, of_units.start_year, of_units.area_code, of_units.dimension,
            of_units.member
    )
),

-- two units would give their groups away to whoever knows the totals
measured as (
    select
        method,
        realm,
        start_year,
        area_code,
        area_level,
        dimension,
        member,
        min(in_groups) as in_groups,
        max(as_of) as as_of,
        case
            when count(*) >= {{ var('dissimilarity_fewest_units') }}
                then sum(abs(
                    first_group::numeric / nullif(all_first, 0) - second_group::numeric / nullif(all_second, 0)
                )) / 2
        end as value,
        least(max(all_first), max(all_second)) as fewer
    from shares
    where first_group + second_group > 0
    group by method, realm, start_year, area_code, area_level, dimension, member
),

indicator as (
    select
        'dissimilarity' as indicator_code,
        method,
        realm,
        area_code,
        area_level,
        start_year::text as period,
        dimension,
        member,
        in_groups,
        value::double precision as value,
        null::double precision as numerator,
        fewer::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        case when value is null then 'not_applicable' else 'published' end as status,
        case
            when value is null and fewer = 0 then 'nobody of one of the groups'
            when value is null then 'fewer than {{ var("dissimilarity_fewest_units") }} schools or counties'
        end as status_note,
        as_of
    from measured
)

select * from indicator
