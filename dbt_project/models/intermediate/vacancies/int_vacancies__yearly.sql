with

vacancies as (
    select * from {{ ref('vacancies') }} where data_month ~ '^[0-9]{4}-[0-9]{2}$'
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

counted as (
    select
        agencies.realm,
        left(vacancies.data_month, 4) as data_year,
        vacancies.data_month,
        vacancies.division_code,
        vacancies.prefecture_code,
        coalesce(vacancies.occupation_major_gbt6565_code, 'unknown') as occupation_major_code,
        vacancies.vacancies,
        vacancies.applicants
    from vacancies
    inner join agencies on vacancies.agency_code = agencies.agency_code
    where agencies.realm is not null
),

months as (
    select realm, data_year, division_code, count(distinct data_month) as months
    from counted
    group by realm, data_year, division_code
),

-- a vacancy open for two months is in both: a year is the mean of its months, never their sum. Whole places, so
-- that counties add up
means as (
    select
        counted.realm,
        counted.data_year,
        counted.division_code,
        counted.prefecture_code,
        counted.occupation_major_code,
        round(sum(counted.vacancies)::numeric / max(months.months)) as vacancies,
        round(
            sum(counted.vacancies) filter (where counted.applicants is not null)::numeric / max(months.months)
        ) as vacancies_with_applicants,
        round(sum(counted.applicants)::numeric / max(months.months)) as applicants
    from counted
    inner join months
        on counted.realm = months.realm
        and counted.data_year = months.data_year
        and counted.division_code = months.division_code
    group by
        counted.realm, counted.data_year, counted.division_code, counted.prefecture_code,
        counted.occupation_major_code
)

select * from means
