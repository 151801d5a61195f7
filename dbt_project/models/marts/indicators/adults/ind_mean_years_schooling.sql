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
cells as (
    select
        'mean_years_schooling' as indicator_code,
        'census_3plus_jc16' as method,
        weighted.realm,
        to_char(weighted.reference_date, 'YYYY') as period,
        weighted.reference_date as as_of,
        weighted.division_code,
        weighted.prefecture_code,
        members.dimension,
        members.member,
        weighted.person_years as numerator,
        weighted.persons as denominator,
        null::bigint as unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from weighted
    cross join lateral (
        values ('total', 'total'), ('sex', weighted.sex_code)
    ) as members (dimension, member)
),

indicator as (
    {{ sums_over_sums('cells', per=1, nobody='nobody aged 3 and over') }}
)

select * from indicator
