with

schools as (
    select * from {{ ref('int_schools__sizes') }}
),

spread as (
    select
        schools.method,
        schools.realm,
        schools.start_year,
        schools.as_of,
        schools.division_code,
        schools.prefecture_code,
        schools.pupils,
        members.dimension,
        members.member
    from schools
    cross join lateral (
        values ('total', 'total'), ('stage', schools.stage_code), ('urban_rural', schools.urban_rural)
    ) as members (dimension, member)
),

placed as (
    {{ placed_in_areas('spread') }}
),

-- the Lorenz curve: schools by size, and the share of pupils in those up to each
ranked as (
    select
        placed.*,
        row_number() over (areas order by placed.pupils) as place,
        count(*) over (areas) as schools,
        sum(placed.pupils) over (areas) as all_pupils,
        sum(placed.pupils) over (areas order by placed.pupils rows unbounded preceding) as pupils_so_far
    from placed
    window areas as (
        partition by
            placed.method, placed.realm, placed.start_year, placed.area_code, placed.placed_dimension,
            placed.placed_member
    )
),

gini as (
    select
        'school_size_gini' as indicator_code,
        method,
        realm,
        area_code,
        area_level,
        start_year,
        placed_dimension as dimension,
        placed_member as member,
        min(in_groups) as in_groups,
        -- twice the area between the curve and equality, n/(n-1) not applied
        (1 - sum((2 * pupils_so_far - pupils)::numeric / (schools * nullif(all_pupils, 0))))::double precision as value,
        max(all_pupils)::double precision as denominator,
        'no pupils' as nobody,
        max(as_of) as as_of
    from ranked
    group by method, realm, area_code, area_level, start_year, placed_dimension, placed_member
),

-- with fewer than ten schools a tenth of them is none
deciles as (
    select
        'school_size_lorenz' as indicator_code,
        ranked.method,
        ranked.realm,
        ranked.area_code,
        ranked.area_level,
        ranked.start_year,
        'lorenz' as dimension,
        'p' || tenths.tenth * 10 as member,
        null::text as in_groups,
        (
            100 * sum(ranked.pupils * greatest(0, least(1, tenths.tenth * ranked.schools / 10.0 - ranked.place + 1)))
            / nullif(max(ranked.all_pupils), 0)
        )::double precision as value,
        max(ranked.schools)::double precision as denominator,
        'no pupils' as nobody,
        max(ranked.as_of) as as_of
    from ranked
    cross join generate_series(1, 9) as tenths (tenth)
    where ranked.placed_dimension = 'total' and ranked.schools >= 10
    group by ranked.method, ranked.realm, ranked.area_code, ranked.area_level, ranked.start_year, tenths.tenth
),

measured as (
    select * from gini
    union all
    select * from deciles
),

indicator as (
    select
        indicator_code,
        method,
        realm,
        area_code,
        area_level,
        start_year::text as period,
        dimension,
        member,
        in_groups,
        value,
        null::double precision as numerator,
        denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        case when value is null then 'not_applicable' else 'published' end as status,
        case when value is null then nobody end as status_note,
        as_of
    from measured
)

select * from indicator
