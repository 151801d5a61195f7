with

counties as (
    select * from {{ ref('int_schools__counties') }}
),

enrolment as (
    select * from {{ ref('int_schools__enrolment_cells') }}
),

school_years as (
    select
        realm,
        start_year,
        reference_date,
        bool_or(has_schools) as has_schools,
        bool_or(has_returns) as has_returns
    from counties
    group by realm, start_year, reference_date
),

-- pupils whose county is not known count above it; those of a county without any return count nowhere
judged as (
    select
        enrolment.*,
        school_years.reference_date,
        school_years.has_schools as is_registered,
        school_years.has_returns as is_returned,
        coalesce(counties.is_complete, enrolment.division_code is null) as is_complete,
        coalesce(counties.has_residents and counties.has_returns, enrolment.division_code is null)
            as is_return_complete,
        counties.missing_note,
        case when counties.has_residents
            then '教育事业统计 school returns of this county (source returns.schools)' else counties.missing_note end
            as missing_return_note
    from enrolment
    inner join school_years
        on enrolment.realm = school_years.realm and enrolment.start_year = school_years.start_year
    left join counties
        on enrolment.realm = counties.realm
        and enrolment.start_year = counties.start_year
        and enrolment.division_code = counties.division_code
    where counties.division_code is not null or enrolment.division_code is null
),

rates as (
    select
        rates.indicator_kind || '_enrolment_' || judged.stage_code as indicator_code,
        rates.method,
        judged.realm,
        judged.start_year::text as period,
        judged.reference_date as as_of,
        judged.division_code,
        judged.prefecture_code,
        judged.sex_code,
        rates.numerator,
        judged.residents as denominator,
        rates.unlinked_persons,
        rates.is_complete,
        rates.missing_note
    from judged
    cross join lateral (
        values
        (
            'gross', 'records_by_residence', judged.is_registered, judged.gross_learners, judged.gross_unlinked,
            judged.is_complete, judged.missing_note
        ),
        (
            'net', 'records_by_residence', judged.is_registered, judged.net_learners, judged.net_unlinked,
            judged.is_complete, judged.missing_note
        ),
        (
            'gross', 'returns_by_school', judged.is_returned, judged.headcount, null,
            judged.is_return_complete, judged.missing_return_note
        )
    ) as rates (
        indicator_kind, method, is_delivered, numerator, unlinked_persons, is_complete, missing_note
    )
    where rates.is_delivered
),

-- the return tells no sex
cells as (
    select
        rates.indicator_code,
        rates.method,
        rates.realm,
        rates.period,
        rates.as_of,
        rates.division_code,
        rates.prefecture_code,
        members.dimension,
        members.member,
        sum(rates.numerator) as numerator,
        sum(rates.denominator) as denominator,
        sum(rates.unlinked_persons) as unlinked_persons,
        bool_and(rates.is_complete) as is_complete,
        min(rates.missing_note) as missing_note
    from rates
    cross join lateral (
        values ('total', 'total'), ('sex', case when rates.method = 'records_by_residence' then rates.sex_code end)
    ) as members (dimension, member)
    where members.member in ('total', 'male', 'female')
    group by
        rates.indicator_code, rates.method, rates.realm, rates.period, rates.as_of, rates.division_code,
        rates.prefecture_code, members.dimension, members.member
),

indicator as (
    {{ sums_over_sums('cells', nobody='no residents of these ages') }}
)

select * from indicator
