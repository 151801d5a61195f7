with

accounts as (
    select * from {{ ref('int_credits__accounts') }}
),

decided as (
    select * from {{ ref('int_credits__decided') }}
),

learners as (
    select * from {{ ref('dim_learner') }}
),

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

-- years in which the bank decided something, each up to its end or to today
years as (
    select distinct
        agencies.realm,
        extract(year from decided.decided_date)::integer as data_year,
        least(make_date(extract(year from decided.decided_date)::integer, 12, 31), current_date) as as_of
    from decided
    inner join agencies on decided.agency_code = agencies.agency_code
),

-- credits are of few people in most counties, so they are shown for the province alone, and not for a handful there
credits as (
    select
        years.realm,
        years.data_year,
        years.as_of,
        sum(decided.applied_credits) as applied_credits,
        sum(decided.recognised_credits) as recognised_credits,
        count(distinct decided.learner_key) as applicants
    from years
    inner join agencies on years.realm = agencies.realm
    inner join decided
        on agencies.agency_code = decided.agency_code
        and years.data_year = extract(year from decided.decided_date)
        and decided.decided_date <= years.as_of
    group by years.realm, years.data_year, years.as_of
),

holders as (
    select agencies.realm, accounts.learner_key, min(accounts.opened_date) as opened_date
    from accounts
    inner join agencies on accounts.agency_code = agencies.agency_code
    group by agencies.realm, accounts.learner_key
),

converters as (
    select agencies.realm, decided.learner_key, min(decided.decided_date) as converted_date
    from decided
    inner join agencies on decided.agency_code = agencies.agency_code
    where decided.recognised_credits > 0
    group by agencies.realm, decided.learner_key
),

counted as (
    select
        years.realm,
        years.data_year,
        years.as_of,
        learners.residence_division_code as division_code,
        learners.sex_code,
        count(*) as persons,
        count(*) filter (where learners.is_linked and converters.converted_date <= years.as_of) as converted_persons,
        count(*) filter (where not learners.is_linked and converters.converted_date <= years.as_of) as unlinked_persons
    from years
    inner join holders on years.realm = holders.realm and holders.opened_date <= years.as_of
    inner join learners on holders.learner_key = learners.learner_key
    left join converters on holders.realm = converters.realm and holders.learner_key = converters.learner_key
    group by years.realm, years.data_year, years.as_of, learners.residence_division_code, learners.sex_code
),

cells as (
    select
        'credit_transfer_rate' as indicator_code,
        'learners' as method,
        counted.realm,
        counted.data_year::text as period,
        counted.as_of,
        counted.division_code,
        left(counted.division_code, 4) || '00' as prefecture_code,
        members.dimension,
        members.member,
        counted.converted_persons::numeric as numerator,
        counted.persons::numeric as denominator,
        counted.unlinked_persons::bigint as unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from counted
    cross join lateral (
        values ('total', 'total'), ('sex', counted.sex_code)
    ) as members (dimension, member)
    union all
    select
        'credit_transfer_rate' as indicator_code,
        'credits' as method,
        realm,
        data_year::text as period,
        as_of,
        null as division_code,
        null as prefecture_code,
        'total' as dimension,
        'total' as member,
        recognised_credits as numerator,
        applied_credits as denominator,
        null as unlinked_persons,
        true as is_complete,
        null as missing_note
    from credits
),

rates as (
    {{ sums_over_sums('cells', nobody='nobody with an account') }}
),

indicator as (
    select
        rates.indicator_code,
        rates.method,
        rates.realm,
        rates.area_code,
        rates.area_level,
        rates.period,
        rates.dimension,
        rates.member,
        rates.in_groups,
        case when not few.is_few then rates.value end as value,
        case when not few.is_few then rates.numerator end as numerator,
        case when not few.is_few then rates.denominator end as denominator,
        rates.value_low,
        rates.value_high,
        rates.coverage_pct,
        rates.unlinked_persons,
        case when few.is_few then 'not_applicable' else rates.status end as status,
        case when few.is_few then 'too few applicants' else rates.status_note end as status_note,
        rates.as_of
    from rates
    left join credits
        on rates.method = 'credits' and rates.realm = credits.realm and rates.period = credits.data_year::text
    cross join lateral (
        select coalesce(credits.applicants < {{ var('credit_fewest_applicants') }}, false) as is_few
    ) as few
    -- a sum without a county falls into no group of counties
    where rates.method <> 'credits' or rates.dimension = 'total'
)

select * from indicator
