{% set nobody = 'nobody aged 3 and over' -%}

with

areas as (
    select * from {{ ref('int_attainment__areas') }}
),

-- which class stands for how many years is data; each vector of weights is a method of its own
summed as (
    select
        case scheme_code
            when 'yearbook_jc16' then 'census_3plus_jc16' when 'conventional_jc15' then 'census_3plus_jc15'
        end as method,
        realm,
        area_code,
        area_level,
        period,
        dimension,
        member,
        min(in_groups) as in_groups,
        max(as_of) as as_of,
        sum(person_years) as person_years,
        sum(persons) as persons,
        min(missing_note) as missing_note
    from areas
    group by scheme_code, realm, area_code, area_level, period, dimension, member
),

indicator as (
    select
        'mean_years_schooling' as indicator_code,
        method,
        realm,
        area_code,
        area_level,
        period,
        dimension,
        member,
        in_groups,
        (person_years / nullif(persons, 0))::double precision as value,
        person_years::double precision as numerator,
        persons::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        {{ status_of('missing_note', 'persons = 0') }} as status,
        {{ note_of('missing_note', 'persons = 0', nobody) }} as status_note,
        as_of
    from summed
)

select * from indicator
