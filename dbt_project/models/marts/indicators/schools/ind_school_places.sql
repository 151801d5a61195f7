with

schools as (
    select * from {{ ref('int_schools__returned') }} where places is not null
),

cells as (
    select
        measures.indicator_code,
        'returns_places' as method,
        schools.realm,
        schools.start_year::text as period,
        schools.reference_date as as_of,
        case when members.dimension <> 'education_group' then schools.division_code end as division_code,
        case when members.dimension <> 'education_group' then schools.prefecture_code end as prefecture_code,
        members.dimension,
        members.member,
        measures.numerator,
        measures.denominator,
        null::bigint as unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from schools
    cross join lateral (
        values
        ('school_places_occupancy', schools.headcount, schools.places),
        -- places free in one school help nobody in another
        ('school_places_shortfall', greatest(schools.headcount - schools.places, 0), schools.headcount)
    ) as measures (indicator_code, numerator, denominator)
    cross join lateral (
        values
        ('total', 'total'), ('stage', schools.stage_code), ('urban_rural', schools.urban_rural),
        ('education_group', schools.education_group_code)
    ) as members (dimension, member)
),

rates as (
    {{ sums_over_sums('cells', nobody='no places') }}
),

indicator as (
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
        case indicator_code when 'school_places_shortfall' then numerator else value end as value,
        numerator,
        denominator,
        value_low,
        value_high,
        coverage_pct,
        unlinked_persons,
        case indicator_code when 'school_places_shortfall' then 'published' else status end as status,
        case indicator_code when 'school_places_shortfall' then null else status_note end as status_note,
        as_of
    from rates
)

select * from indicator
