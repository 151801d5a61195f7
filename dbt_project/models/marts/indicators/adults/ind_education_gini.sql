with

areas as (
    select * from {{ ref('int_attainment__areas') }} where scheme_code = 'yearbook_jc16'
),

-- in order of schooling, every class with the persons and person-years of the classes below it
ordered as (
    select
        *,
        coalesce(sum(persons) over below, 0) as persons_below,
        coalesce(sum(person_years) over below, 0) as person_years_below
    from areas
    window
        below as (
            partition by realm, area_code, period, dimension, member
            order by schooling_years, sort_order
            rows between unbounded preceding and 1 preceding
        )
),

-- Thomas, Wang and Fan (2001): all differences between a person and everyone with less schooling. Whole numbers are
-- added up and divided once, so that equal schooling gives exactly 0
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
        sum(persons) as persons,
        sum(person_years) as person_years,
        sum(persons * (schooling_years * persons_below - person_years_below)) as differences,
        min(missing_note) as missing_note
    from ordered
    group by realm, area_code, area_level, period, dimension, member
),

indicator as (
    select
        'education_gini' as indicator_code,
        'census_3plus_jc16' as method,
        realm,
        area_code,
        area_level,
        period,
        dimension,
        member,
        in_groups,
        (differences / nullif(persons * person_years, 0))::double precision as value,
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
