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
        extract(year from population.reference_date)::integer as start_year,
        population.reference_date,
        population.division_code,
        population.prefecture_code,
        population.sex_code,
        population.age_from_years as age_years,
        population.persons,
        max(population.reference_date) over (
            partition by agencies.realm, extract(year from population.reference_date)
        ) as last_reference_date
    from population
    inner join agencies on population.agency_code = agencies.agency_code
    where agencies.realm is not null
        and population.base_code = 'resident'
        and population.age_from_years = population.age_to_years
        and population.source_entity = 'census__population_by_age'
        and population.sex_code in ('male', 'female')
),

-- the last return of a year stands for the school year that begins in it
last_of_year as (
    select
        realm,
        start_year,
        division_code,
        prefecture_code,
        sex_code,
        age_years,
        sum(persons) as persons
    from residents
    where reference_date = last_reference_date
    group by realm, start_year, division_code, prefecture_code, sex_code, age_years
)

select * from last_of_year
