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
    {{ measure_of_schooling('summed', 'education_theil', 'case when person_years > 0 then theil end') }}
)

select * from indicator
