with

sessions as (
    select * from {{ ref('stg_oneroster__academic_sessions') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

-- a bulk export shows the school year it was taken in; older years would only show who has stayed
begun as (
    select
        sessions.agency_code,
        agencies.realm,
        max(sessions.school_year) - 1 as start_year
    from sessions
    inner join agencies on sessions.agency_code = agencies.agency_code
    where agencies.realm is not null
        and case when sessions.school_year between 1900 and 2999 then make_date(sessions.school_year - 1, 9, 1) end
        <= current_date
    group by sessions.agency_code, agencies.realm
),

reference_days as (
    select agency_code, realm, start_year, make_date(start_year, 9, 1) as reference_date
    from begun
)

select * from reference_days
