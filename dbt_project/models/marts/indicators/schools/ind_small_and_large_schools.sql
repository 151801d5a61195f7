with

schools as (
    select * from {{ ref('int_schools__sizes') }}
),

bands as (
    select * from {{ ref('school_size_bands') }} where band_code in ('lt100', 'gt2000')
),

cells as (
    select
        case bands.band_code when 'lt100' then 'small_school_share' else 'large_school_share' end as indicator_code,
        schools.method,
        schools.realm,
        schools.start_year::text as period,
        schools.as_of,
        case when members.dimension <> 'education_group' then schools.division_code end as division_code,
        case when members.dimension <> 'education_group' then schools.prefecture_code end as prefecture_code,
        members.dimension,
        members.member,
        case
            when schools.pupils >= bands.least_pupils
                and (bands.most_pupils is null or schools.pupils <= bands.most_pupils)
                then 1
            else 0
        end as numerator,
        1 as denominator,
        null::bigint as unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from schools
    cross join bands
    cross join lateral (
        values
        ('total', 'total'), ('stage', schools.stage_code), ('urban_rural', schools.urban_rural),
        ('education_group', schools.education_group_code)
    ) as members (dimension, member)
),

indicator as (
    {{ sums_over_sums('cells', nobody='no school') }}
)

select * from indicator
