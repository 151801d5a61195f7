with

schools as (
    select * from {{ ref('int_schools__sizes') }}
),

bands as (
    select * from {{ ref('school_size_bands') }}
),

-- a school whose division no list knows still is a school of the province
spread as (
    select
        schools.*,
        members.breakdown as dimension,
        members.part as member
    from schools
    cross join lateral (
        values
        ('size_band', ''), ('size_band_by_stage', ':' || schools.stage_code),
        ('size_band_by_urban_rural', ':' || schools.urban_rural)
    ) as members (breakdown, part)
),

placed as (
    {{ placed_in_areas('spread') }}
),

counted as (
    select
        placed.method,
        placed.realm,
        placed.start_year,
        placed.as_of,
        placed.area_code,
        placed.area_level,
        placed.dimension,
        bands.band_code || placed.member as member,
        count(*) filter (
            where placed.pupils >= bands.least_pupils
                and (bands.most_pupils is null or placed.pupils <= bands.most_pupils)
        ) as schools_in_band,
        count(*) as schools
    from placed
    cross join bands
    group by
        placed.method, placed.realm, placed.start_year, placed.as_of, placed.area_code, placed.area_level,
        placed.dimension, placed.member, bands.band_code
),

indicator as (
    select
        'school_size_bands' as indicator_code,
        method,
        realm,
        area_code,
        area_level,
        start_year::text as period,
        dimension,
        member,
        null::text as in_groups,
        schools_in_band::double precision as value,
        schools_in_band::double precision as numerator,
        schools::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        'published' as status,
        null::text as status_note,
        as_of
    from counted
)

select * from indicator
