with

united as (
    {{ united(
        models=['int_leavers__open_universities', 'int_leavers__school'],
        columns=['realm', 'learner_key', 'left_date', 'stage_code'],
    ) }}
),

spells as (
    select * from {{ ref('fct_employment_spell') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

registers as (
    select * from {{ ref('int_workers__registers') }}
),

learners as (
    select * from {{ ref('dim_learner') }}
),

divisions as (
    select distinct division_code, prefecture_code from {{ ref('divisions') }} where division_level = 'county'
),

-- a person is in a year's cohort once, by what was finished last; who has yet to leave is in none
leavers as (
    select distinct on (united.realm, united.learner_key, extract(year from united.left_date))
        united.realm,
        united.learner_key,
        united.left_date,
        united.stage_code,
        extract(year from united.left_date)::integer as cohort_year,
        registers.covered_from,
        registers.covered_to
    from united
    inner join registers on united.realm = registers.realm
    where united.left_date <= registers.covered_to
    order by united.realm, united.learner_key, extract(year from united.left_date), united.left_date desc,
        united.stage_code
),

first_spells as (
    select agencies.realm, spells.learner_key, min(spells.started_date) as first_job_date
    from spells
    inner join agencies on spells.agency_code = agencies.agency_code
    where agencies.realm is not null
    group by agencies.realm, spells.learner_key
),

-- who had a job before leaving looks for no first one
cohorts as (
    select
        leavers.realm,
        leavers.cohort_year,
        leavers.learner_key,
        leavers.stage_code,
        leavers.left_date,
        first_spells.first_job_date,
        divisions.division_code,
        divisions.prefecture_code,
        coalesce(learners.sex_code, 'unknown') as sex_code,
        learners.is_linked,
        leavers.covered_from,
        leavers.covered_to,
        min(leavers.left_date) over (partition by leavers.realm, leavers.cohort_year) as first_left_date,
        max(leavers.left_date) over (partition by leavers.realm, leavers.cohort_year) as last_left_date
    from leavers
    inner join learners on leavers.learner_key = learners.learner_key
    left join first_spells on leavers.realm = first_spells.realm and leavers.learner_key = first_spells.learner_key
    left join divisions on learners.residence_division_code = divisions.division_code
    where first_spells.first_job_date is null or first_spells.first_job_date >= leavers.left_date
)

select * from cohorts
