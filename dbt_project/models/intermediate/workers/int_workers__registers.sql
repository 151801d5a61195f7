with

spells as (
    select * from {{ ref('fct_employment_spell') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

-- how far the registers tell: to the last day anything in them happened
registers as (
    select
        agencies.realm,
        min(spells.started_date) as covered_from,
        max(greatest(spells.started_date, spells.ended_date - 1)) as covered_to
    from spells
    inner join agencies on spells.agency_code = agencies.agency_code
    where agencies.realm is not null
    group by agencies.realm
)

select * from registers
