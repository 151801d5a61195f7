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

-- which class stands for how many years is data: junior college counts 16 here, as in the published column
weighted as (
    select
        agencies.realm,
        attainment.reference_date,
        attainment.division_code,
        attainment.prefecture_code,
        attainment.sex_code,
        attainment.persons,
        attainment.persons * schooling_years.schooling_years as person_years
    from attainment
    inner join agencies on attainment.agency_code = agencies.agency_code
    inner join schooling_years on attainment.attainment_code = schooling_years.attainment_code
    where agencies.realm is not null
),

-- a zone without a code has no county row; it counts in its prefecture and in the province
placed as (
    select
        weighted.realm,
        weighted.reference_date,
        areas.area_code,
        areas.area_level,
        members.dimension,
        members.member,
        weighted.persons,
        weighted.person_years
    from weighted
    cross join lateral (
        values
        (weighted.division_code, 'county'),
        (weighted.prefecture_code, 'prefecture'),
        (left(weighted.prefecture_code, 2) || '0000', 'province')
    ) as areas (area_code, area_level)
    cross join lateral (
        values ('total', 'total'), ('sex', weighted.sex_code)
    ) as members (dimension, member)
    where areas.area_code is not null
),

summed as (
    select
        realm,
        reference_date,
        area_code,
        area_level,
        dimension,
        member,
        sum(person_years) as person_years,
        sum(persons) as persons
    from placed
    group by realm, reference_date, area_code, area_level, dimension, member
),

indicator as (
    select
        'mean_years_schooling' as indicator_code,
        realm,
        area_code,
        area_level,
        to_char(reference_date, 'YYYY') as period,
        dimension,
        member,
        (person_years::numeric / nullif(persons, 0))::double precision as value,
        person_years::double precision as numerator,
        persons::double precision as denominator,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        case when persons = 0 then 'not_applicable' else 'published' end as status,
        case when persons = 0 then 'nobody aged 3 and over' end as status_note,
        reference_date as as_of
    from summed
)

select * from indicator
