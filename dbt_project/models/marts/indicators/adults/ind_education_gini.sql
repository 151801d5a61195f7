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
    {{ measure_of_schooling('summed', 'education_gini', 'differences / nullif(persons * person_years, 0)') }}
)

select * from indicator
