with

kindergartens as (
    select * from {{ ref('int_schools__returned') }} where stage_code = 'kindergarten'
),

cells as (
    select
        'kindergarten_public_inclusive_share' as indicator_code,
        'returns_headcount' as method,
        kindergartens.realm,
        kindergartens.start_year::text as period,
        kindergartens.reference_date as as_of,
        kindergartens.division_code,
        kindergartens.prefecture_code,
        members.dimension,
        members.member,
        case when kindergartens.ownership_code = 'private' then 0 else kindergartens.headcount end as numerator,
        kindergartens.headcount as denominator,
        null::bigint as unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from kindergartens
    cross join lateral (
        values ('total', 'total'), ('urban_rural', kindergartens.urban_rural)
    ) as members (dimension, member)
),

shares as (
    {{ sums_over_sums('cells', nobody='no child in a kindergarten') }}
),

fees as (
    select
        kindergartens.realm,
        kindergartens.start_year,
        kindergartens.reference_date as as_of,
        kindergartens.division_code,
        kindergartens.prefecture_code,
        kindergartens.fee_cny_per_month,
        members.dimension,
        members.member
    from kindergartens
    cross join lateral (
        values
        ('total', 'total'), ('urban_rural', kindergartens.urban_rural), ('ownership', kindergartens.ownership_code)
    ) as members (dimension, member)
    where kindergartens.fee_cny_per_month is not null
),

placed_fees as (
    {{ placed_in_areas('fees') }}
),

-- half of the kindergartens ask for more: prices of institutions, whatever their size
medians as (
    select
        'kindergarten_median_fee' as indicator_code,
        'returns_fees' as method,
        realm,
        area_code,
        area_level,
        start_year::text as period,
        placed_dimension as dimension,
        placed_member as member,
        min(in_groups) as in_groups,
        percentile_cont(0.5) within group (order by fee_cny_per_month::double precision) as value,
        null::double precision as numerator,
        count(*)::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        'published' as status,
        null::text as status_note,
        max(as_of) as as_of
    from placed_fees
    group by realm, area_code, area_level, start_year, placed_dimension, placed_member
)

select * from shares
union all
select * from medians
