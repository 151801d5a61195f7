with

population as (
    select * from {{ ref('population') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

age_groups as (
    select * from {{ ref('age_groups') }}
),

-- a zone without a code of its own has residents, too: they belong to its prefecture;
-- an open group reaches as far as the returns do: they end in an open group of their own, or at 100
residents as (
    select
        agencies.realm,
        population.base_code,
        population.unit_code,
        population.division_code,
        population.prefecture_code,
        population.reference_date,
        population.source_entity,
        population.sex_code,
        age_groups.age_group_code,
        sum(population.persons) as persons,
        sum(coalesce(population.age_to_years, greatest(population.age_from_years, 100)) - population.age_from_years + 1)
        >= coalesce(age_groups.most_years, 100) - age_groups.least_years + 1 as is_complete
    from population
    inner join agencies on population.agency_code = agencies.agency_code
    inner join age_groups
        on population.age_from_years >= age_groups.least_years
        and (age_groups.most_years is null or population.age_to_years <= age_groups.most_years)
    where agencies.realm is not null
    group by
        agencies.realm, population.base_code, population.unit_code, population.division_code,
        population.prefecture_code, population.reference_date, population.source_entity, population.sex_code,
        age_groups.age_group_code, age_groups.least_years, age_groups.most_years
),

-- the last return of a year stands for the year; single ages before the yearbook's age bands
chosen as (
    select distinct on (realm, base_code, to_char(reference_date, 'YYYY'))
        realm,
        base_code,
        reference_date,
        source_entity
    from residents
    order by
        realm,
        base_code,
        to_char(reference_date, 'YYYY'),
        source_entity = 'census__population_by_age' desc,
        reference_date desc
),

by_sex as (
    select
        residents.realm,
        residents.base_code,
        residents.unit_code,
        residents.division_code,
        residents.prefecture_code,
        residents.reference_date,
        residents.sex_code,
        residents.age_group_code,
        residents.persons,
        residents.is_complete
    from residents
    inner join chosen
        on residents.realm = chosen.realm
        and residents.base_code = chosen.base_code
        and residents.reference_date = chosen.reference_date
        and residents.source_entity = chosen.source_entity
),

-- a cell held back in quarantine makes the whole county's denominator too small: better none than a wrong one
complete as (
    select
        by_sex.*,
        count(*) filter (where by_sex.is_complete and by_sex.sex_code in ('male', 'female')) over (
            partition by
                by_sex.realm, by_sex.base_code, by_sex.unit_code, by_sex.reference_date, by_sex.age_group_code
        ) = 2 as is_county_complete
    from by_sex
)

select * from complete
