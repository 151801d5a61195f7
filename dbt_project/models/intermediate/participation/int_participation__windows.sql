with

residents as (
    select * from {{ ref('int_population__age_groups') }} where base_code = 'resident'
),

spans as (
    select * from {{ ref('int_participation__spans') }}
),

returned as (
    select
        realm,
        reference_date,
        max(reference_date) over (partition by realm) as last_reference_date
    from residents
    group by realm, reference_date
),

sectors as (
    select realm, sector_code, min(first_date) as first_date
    from spans
    group by realm, sector_code
),

-- as in the flows: before the last of a realm's sectors began to deliver, who learnt there is seen nowhere
reach as (
    select realm, max(first_date) as known_from_date
    from sectors
    group by realm
),

-- Of the latest return of residents one always looks back a year, as the labour force survey asks four weeks; of an
-- earlier one only where every sector tells of that year: between the terms half a year may pass without a record.
windows as (
    select
        returned.realm,
        returned.reference_date,
        (returned.reference_date - interval '12 months')::date as year_after_date,
        returned.reference_date - 28 as weeks_after_date
    from returned
    left join reach on returned.realm = reach.realm
    where returned.reference_date = returned.last_reference_date
        or reach.known_from_date <= (returned.reference_date - interval '6 months')::date
)

select * from windows
