with

attainment as (
    select * from {{ ref('int_attainment__cells') }}
),

-- the macro adds up within an indicator and a method: here these are a class and a scheme of weights, so that
-- every area gets its distribution over the classes
cells as (
    select
        attainment.attainment_code as indicator_code,
        attainment.scheme_code as method,
        attainment.realm,
        to_char(attainment.reference_date, 'YYYY') as period,
        attainment.reference_date as as_of,
        attainment.division_code,
        attainment.prefecture_code,
        members.dimension,
        members.member,
        attainment.person_years as numerator,
        attainment.persons as denominator,
        null::bigint as unlinked_persons,
        attainment.is_complete,
        '人口普查分县资料 census.county_yearbook: a class of attainment is missing for this area' as missing_note
    from attainment
    cross join lateral (
        values ('total', 'total'), ('sex', attainment.sex_code)
    ) as members (dimension, member)
),

summed as (
    {{ sums_over_sums('cells', per=1) }}
),

weights as (
    select * from {{ ref('schooling_years') }}
),

areas as (
    select
        summed.method as scheme_code,
        summed.realm,
        summed.area_code,
        summed.area_level,
        summed.period,
        summed.dimension,
        summed.member,
        summed.in_groups,
        summed.as_of,
        summed.indicator_code as attainment_code,
        weights.schooling_years,
        weights.sort_order,
        summed.denominator::numeric as persons,
        summed.numerator::numeric as person_years,
        summed.status <> 'needs_input' as is_known,
        case when summed.status = 'needs_input' then summed.status_note end as missing_note
    from summed
    inner join weights on summed.method = weights.scheme_code and summed.indicator_code = weights.attainment_code
)

select * from areas
