{{ config(materialized='table', post_hook="grant select on {{ this }} to flyover_forecast") }}

with

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

births_migration as (
    select * from {{ ref('births_migration') }} where base_code = 'resident'
),

school_returns as (
    select * from {{ ref('school_returns') }}
),

higher_education as (
    select * from {{ ref('higher_education') }} where study_form_code = 'ordinary_ug'
),

graduates as (
    select * from {{ ref('graduates') }} where isced_level_code in ('5', '6')
),

ages as (
    select * from {{ ref('int_population__single_ages') }}
    where base_code = 'resident' and division_code is not null and age_from_years = age_to_years
),

senior_enrolments as (
    select * from {{ ref('fct_enrolment') }} where source_entity = 'senior__enrolments' and started_date is not null
),

learners as (
    select * from {{ ref('dim_learner') }}
),

-- a stage is the school's kind; vocational, adult and special schools are no stage that every child passes
staged as (
    select
        *,
        case school_kind_code
            when '11' then 'kindergarten'
            when '21' then 'primary'
            when '31' then 'junior'
            when '34' then 'senior'
        end as stage
    from school_returns
),

measured as (
    select agency_code, 'births' as measure, 'total' as member, division_code, data_year, births as amount
    from births_migration
    union all
    select agency_code, 'deaths' as measure, 'total' as member, division_code, data_year, deaths as amount
    from births_migration
    union all
    select
        agency_code, 'net_moves' as measure, 'total' as member, division_code, data_year,
        moved_in - moved_out as amount
    from births_migration
    where moved_in is not null and moved_out is not null
    union all
    select
        agency_code, 'pupils' as measure, stage as member, division_code, school_year as data_year,
        headcount as amount
    from staged
    where stage is not null
    union all
    select
        agency_code, 'teachers' as measure, stage as member, division_code, school_year as data_year,
        full_time_teachers as amount
    from staged
    where stage is not null
    union all
    select
        agency_code, 'students' as measure, 'total' as member, '330000' as division_code, school_year as data_year,
        headcount as amount
    from higher_education
    union all
    select
        agency_code, 'graduates' as measure, 'total' as member, '330000' as division_code, data_year,
        graduates as amount
    from graduates
    union all
    select
        agency_code, 'residents' as measure, age_from_years::text as member, division_code,
        extract(year from reference_date)::integer as data_year, persons as amount
    from ages
),

summed as (
    select
        agencies.realm,
        measured.measure,
        measured.member,
        measured.division_code,
        measured.data_year,
        sum(measured.amount)::double precision as value
    from measured
    inner join agencies on measured.agency_code = agencies.agency_code
    group by agencies.realm, measured.measure, measured.member, measured.division_code, measured.data_year
),

-- a learner counts once a year and county, at however many universities
seniors as (
    select
        agencies.realm,
        'senior_learners' as measure,
        'total' as member,
        learners.residence_division_code as division_code,
        extract(year from senior_enrolments.started_date)::integer as data_year,
        count(distinct senior_enrolments.learner_key)::double precision as value
    from senior_enrolments
    inner join agencies on senior_enrolments.agency_code = agencies.agency_code
    inner join learners on senior_enrolments.learner_key = learners.learner_key
    where learners.residence_division_code is not null
    group by agencies.realm, learners.residence_division_code, extract(year from senior_enrolments.started_date)
),

history as (
    select * from summed
    union all
    select * from seniors
)

select * from history
