{{ config(materialized='table') }}

with

windows as (
    select * from {{ ref('int_participation__windows') }}
),

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

attended as (
    select * from {{ ref('int_participation__attended') }} where source_entity = 'senior__enrolments'
),

-- the register counts teaching hours, not sessions
terms as (
    select
        windows.realm,
        windows.reference_date,
        attended.learner_key,
        count(*) filter (
            where attended.outcome_code = 'completed' and attended.last_date <= windows.reference_date
        ) as terms_completed,
        coalesce(sum(attended.hours_attended), 0)::double precision / {{ var('senior_hours_of_a_session') }}
            as sessions_attended
    from attended
    inner join agencies on attended.agency_code = agencies.agency_code
    inner join windows
        on agencies.realm = windows.realm
        and attended.first_date <= windows.reference_date
        and attended.last_date > windows.year_after_date
    group by windows.realm, windows.reference_date, attended.learner_key
),

students as (
    select
        *,
        terms_completed >= {{ var('senior_regular_terms') }}
        or sessions_attended >= {{ var('senior_regular_sessions') }} as is_regular
    from terms
)

select * from students
