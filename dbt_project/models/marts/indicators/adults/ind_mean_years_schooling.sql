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
    {{ measure_of_schooling(
        'summed', 'mean_years_schooling', 'person_years / nullif(persons, 0)',
        method='method', numerator='person_years', is_empty='persons = 0', nobody='nobody aged 3 and over'
    ) }}
)

select * from indicator
