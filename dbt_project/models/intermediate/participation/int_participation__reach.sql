with

spans as (
    select * from {{ ref('int_participation__spans') }}
),

-- what is planned ahead has not been seen yet
sectors as (
    select realm, sector_code, min(first_date) as first_date, max(seen_date) as seen_date
    from spans
    where seen_date <= current_date
    group by realm, sector_code
),

-- before the last sector began to deliver, whoever went there would look like somebody who learnt no more
reach as (
    select
        realm,
        array_agg(sector_code order by sector_code) as sector_codes,
        extract(year from max(first_date))::integer as known_from_year,
        max(seen_date) as seen_date
    from sectors
    group by realm
)

select * from reach
