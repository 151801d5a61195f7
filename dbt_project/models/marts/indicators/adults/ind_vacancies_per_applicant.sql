with

vacancies as (
    select * from {{ ref('int_vacancies__yearly') }} where applicants is not null
),

cells as (
    select
        'vacancies_per_applicant' as indicator_code,
        'registered_monthly_mean' as method,
        vacancies.realm,
        vacancies.data_year as period,
        make_date(vacancies.data_year::integer, 12, 31) as as_of,
        vacancies.division_code,
        vacancies.prefecture_code,
        members.dimension,
        members.member,
        vacancies.vacancies_with_applicants as numerator,
        vacancies.applicants as denominator,
        null::bigint as unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from vacancies
    cross join lateral (
        values ('total', 'total'), ('occupation', vacancies.occupation_major_code)
    ) as members (dimension, member)
),

indicator as (
    {{ sums_over_sums('cells', per=1, nobody='nobody looks for such work here') }}
)

select * from indicator
