with

schools as (
    select * from {{ ref('int_schools__returned') }}
),

cells as (
    select
        'education_group_coverage' as indicator_code,
        'returns_groups_and_pairs' as method,
        schools.realm,
        schools.start_year::text as period,
        schools.reference_date as as_of,
        schools.division_code,
        schools.prefecture_code,
        members.dimension,
        members.member,
        schools.is_grouped_or_paired::integer as numerator,
        1 as denominator,
        null::bigint as unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from schools
    cross join lateral (
        values ('total', 'total'), ('stage', schools.stage_code), ('urban_rural', schools.urban_rural)
    ) as members (dimension, member)
),

indicator as (
    {{ sums_over_sums('cells', nobody='no school') }}
)

select * from indicator
