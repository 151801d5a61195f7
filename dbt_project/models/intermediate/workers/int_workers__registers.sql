with

spells as (
    select * from {{ ref('fct_employment_spell') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

-- how far the registers tell: the last day anything in them happened, plus the time an office may take to say so
registers as (
    select
        agencies.realm,
        min(spells.started_date) as covered_from,
        max(greatest(spells.started_date, spells.ended_date - 1)) + {{ var('register_lag_days') }} as covered_to
    from spells
    inner join agencies on spells.agency_code = agencies.agency_code
    where agencies.realm is not null
    group by agencies.realm
)

select * from registers
