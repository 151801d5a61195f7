-- Residents of the age group by county, sex and reference date, and whether every cell of it was returned.
{% set least, most = var('participation_least_age'), var('participation_most_age') -%}

with

population as (
    select * from {{ ref('population') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

residents as (
    select
        agencies.realm,
        population.division_code,
        population.prefecture_code,
        population.reference_date,
        population.source_entity,
        population.sex_code,
        sum(population.persons) as persons,
        sum(population.age_to_years - population.age_from_years + 1) as years_covered
    from population
    inner join agencies on population.agency_code = agencies.agency_code
    where agencies.realm is not null
        and population.base_code = 'resident'
        and population.division_code is not null
        and population.age_from_years >= {{ least }}
        and population.age_to_years <= {{ most }}
    group by
        agencies.realm, population.division_code, population.prefecture_code, population.reference_date,
        population.source_entity, population.sex_code
),

-- the last return of a year stands for the year; single ages before the yearbook's age bands
chosen as (
    select distinct on (realm, to_char(reference_date, 'YYYY'))
        realm,
        reference_date,
        source_entity
    from residents
    order by
        realm,
        to_char(reference_date, 'YYYY'),
        source_entity = 'census__population_by_age' desc,
        reference_date desc
),

by_sex as (
    select
        residents.realm,
        residents.division_code,
        residents.prefecture_code,
        residents.reference_date,
        residents.sex_code,
        residents.persons,
        residents.years_covered = {{ most }} - {{ least }} + 1 as is_complete
    from residents
    inner join chosen
        on residents.realm = chosen.realm
        and residents.reference_date = chosen.reference_date
        and residents.source_entity = chosen.source_entity
),

-- a cell held back in quarantine makes the whole county's denominator too small: better none than a wrong one
complete as (
    select
        by_sex.*,
        count(*) filter (where by_sex.is_complete and by_sex.sex_code in ('male', 'female'))
            over (partition by by_sex.realm, by_sex.division_code, by_sex.reference_date) = 2 as is_county_complete
    from by_sex
)

select * from complete
