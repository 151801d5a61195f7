with

attainment as (
    select * from {{ ref('attainment') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

schooling_years as (
    select * from {{ ref('schooling_years') }}
),

-- residents alone: attainment of the registered population is another population
counted as (
    select
        agencies.realm,
        attainment.reference_date,
        attainment.unit_code,
        attainment.division_code,
        attainment.prefecture_code,
        attainment.sex_code,
        attainment.attainment_code,
        attainment.persons
    from attainment
    inner join agencies on attainment.agency_code = agencies.agency_code
    where agencies.realm is not null and attainment.base_code = 'resident'
),

-- the last return of a year stands for the year
chosen as (
    select realm, max(reference_date) as reference_date
    from counted
    group by realm, to_char(reference_date, 'YYYY')
),

schemes as (
    select scheme_code, count(*) as classes from schooling_years group by scheme_code
),

weighted as (
    select
        schooling_years.scheme_code,
        counted.*,
        schooling_years.schooling_years,
        schooling_years.sort_order,
        counted.persons * schooling_years.schooling_years as person_years,
        count(*) over (
            partition by schooling_years.scheme_code, counted.realm, counted.reference_date, counted.unit_code
        ) as given_classes
    from counted
    inner join chosen on counted.realm = chosen.realm and counted.reference_date = chosen.reference_date
    inner join schooling_years on counted.attainment_code = schooling_years.attainment_code
),

sexes as (
    select realm, reference_date, unit_code, count(distinct sex_code) as sexes
    from counted
    group by realm, reference_date, unit_code
),

-- a county with a class left out would seem better or worse schooled than it is
complete as (
    select weighted.*, weighted.given_classes = schemes.classes * sexes.sexes as is_complete
    from weighted
    inner join schemes on weighted.scheme_code = schemes.scheme_code
    inner join sexes
        on weighted.realm = sexes.realm
        and weighted.reference_date = sexes.reference_date
        and weighted.unit_code = sexes.unit_code
)

select * from complete
