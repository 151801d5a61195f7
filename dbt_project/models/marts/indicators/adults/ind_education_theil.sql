with

areas as (
    select * from {{ ref('int_attainment__areas') }} where scheme_code = 'yearbook_jc16'
),

totals as (
    select
        *,
        sum(persons) over area_wide as area_persons,
        sum(person_years) over area_wide as area_person_years
    from areas
    window area_wide as (partition by realm, area_code, period, dimension, member)
),

-- a class without schooling, or without anybody, adds nothing: the limit of x ln x
summed as (
    select
        realm,
        area_code,
        area_level,
        period,
        dimension,
        member,
        min(in_groups) as in_groups,
        max(as_of) as as_of,
        max(area_persons) as persons,
        max(area_person_years) as person_years,
        coalesce(
            sum(
                person_years / nullif(area_person_years, 0)
                * ln(schooling_years * area_persons / nullif(area_person_years, 0))
            ) filter (where person_years > 0), 0
        ) as theil,
        min(missing_note) as missing_note
    from totals
    group by realm, area_code, area_level, period, dimension, member
),

indicator as (
    select
        'education_theil' as indicator_code,
        'census_3plus_jc16' as method,
        realm,
        area_code,
        area_level,
        period,
        dimension,
        member,
        in_groups,
        case when person_years > 0 then theil::double precision end as value,
        null::double precision as numerator,
        persons::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        {{ status_of('missing_note', 'person_years = 0') }} as status,
        {{ note_of('missing_note', 'person_years = 0', 'nobody with any schooling') }} as status_note,
        as_of
    from summed
)

select * from indicator
