with

cohorts as (
    select * from {{ ref('int_leavers__cohorts') }}
),

-- a cohort counts once its window has closed for the last who left: before that, who has no job may still find one
windowed as (
    select
        cohorts.*,
        windows.indicator_code,
        windows.months,
        cohorts.first_job_date < (cohorts.left_date + make_interval(months => windows.months))::date
            as has_job,
        cohorts.covered_to >= (cohorts.last_left_date + make_interval(months => windows.months))::date - 1
        and cohorts.covered_from <= cohorts.first_left_date as is_closed
    from cohorts
    cross join (
        values ('first_job_within_6_months', 6), ('first_job_within_12_months', 12)
    ) as windows (indicator_code, months)
),

cells as (
    select
        windowed.indicator_code,
        'registered_employment' as method,
        windowed.realm,
        windowed.cohort_year::text as period,
        windowed.last_left_date as as_of,
        windowed.division_code,
        windowed.prefecture_code,
        members.dimension,
        members.member,
        count(*) filter (where windowed.is_linked and windowed.has_job) as numerator,
        count(*) filter (where windowed.is_linked) as denominator,
        count(*) filter (where not windowed.is_linked) as unlinked_persons,
        windowed.is_closed as is_complete,
        '就业登记 employment registers (source hr) up to '
        || (windowed.last_left_date + make_interval(months => windowed.months))::date
        || '; they reach to ' || windowed.covered_to as missing_note
    from windowed
    cross join lateral (
        values ('total', 'total'), ('sex', windowed.sex_code), ('stage', windowed.stage_code)
    ) as members (dimension, member)
    group by
        windowed.indicator_code, windowed.months, windowed.realm, windowed.cohort_year, windowed.last_left_date,
        windowed.division_code, windowed.prefecture_code, windowed.is_closed, windowed.covered_to, members.dimension,
        members.member
),

summed as (
    {{ sums_over_sums('cells', nobody='nobody left without a job before') }}
),

indicator as (
    {{ bounded_by_unlinked('summed') }}
)

select * from indicator
