with

reach as (
    select * from {{ ref('int_participation__reach') }} where cardinality(sector_codes) > 1
),

persons as (
    select * from {{ ref('dim_learner') }} where is_linked
),

counties as (
    select distinct division_code, prefecture_code from {{ ref('dim_division') }} where division_level = 'county'
),

learning as (
    select distinct spans.realm, spans.sector_code, spans.learner_key, years.data_year
    from {{ ref('int_participation__spans') }} as spans
    inner join reach on spans.realm = reach.realm
    inner join persons on spans.learner_key = persons.learner_key
    cross join lateral generate_series(
        extract(year from spans.first_date)::integer,
        extract(year from least(spans.last_date, reach.seen_date))::integer
    ) as years (data_year)
    where years.data_year >= reach.known_from_year
),

-- everybody has one place in the two years after: other sectors come before staying, more than one of them is several
followed as (
    select
        origins.realm,
        origins.sector_code,
        origins.data_year,
        origins.learner_key,
        case
            when count(distinct nexts.sector_code) filter (where nexts.sector_code <> origins.sector_code) > 1
                then 'several'
            else coalesce(
                min(nexts.sector_code) filter (where nexts.sector_code <> origins.sector_code),
                min(nexts.sector_code),
                'none'
            )
        end as next_sector
    from learning as origins
    left join learning as nexts
        on origins.realm = nexts.realm
        and origins.learner_key = nexts.learner_key
        and nexts.data_year > origins.data_year
        and nexts.data_year <= origins.data_year + 2
    group by origins.realm, origins.sector_code, origins.data_year, origins.learner_key
),

-- whoever lives in no county of the province, or nobody knows where, counts in the province alone
flows as (
    select
        followed.realm,
        followed.sector_code,
        followed.data_year,
        followed.next_sector,
        counties.division_code,
        counties.prefecture_code,
        count(*) as persons
    from followed
    inner join persons on followed.learner_key = persons.learner_key
    left join counties on persons.residence_division_code = counties.division_code
    group by
        followed.realm, followed.sector_code, followed.data_year, followed.next_sector, counties.division_code,
        counties.prefecture_code
)

select * from flows
