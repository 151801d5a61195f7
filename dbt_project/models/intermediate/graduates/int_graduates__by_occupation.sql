with

graduates as (
    select * from {{ ref('graduates') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

crosswalk as (
    select * from {{ ref('field_occupations') }}
),

fields as (
    select
        agencies.realm,
        graduates.data_year::text as data_year,
        graduates.division_code,
        graduates.prefecture_code,
        graduates.isced_f_broad_code,
        sum(graduates.graduates) as graduates
    from graduates
    inner join agencies on graduates.agency_code = agencies.agency_code
    where agencies.realm is not null
    group by
        agencies.realm, graduates.data_year, graduates.division_code, graduates.prefecture_code,
        graduates.isced_f_broad_code
),

-- a field the crosswalk does not know on the day leads to work nobody knows
shared as (
    select
        fields.*,
        coalesce(crosswalk.gbt6565_major_code, 'unknown') as occupation_major_code,
        fields.graduates * coalesce(crosswalk.share, 1) as expected
    from fields
    left join crosswalk
        on fields.isced_f_broad_code = crosswalk.isced_f_broad_code
        and crosswalk.valid_from <= make_date(fields.data_year::integer, 7, 1)
        and (crosswalk.valid_to is null or make_date(fields.data_year::integer, 7, 1) < crosswalk.valid_to)
),

-- whole graduates: the largest remainders are rounded up, so that the occupations of a field add up to its graduates
ranked as (
    select
        *,
        graduates - sum(floor(expected)) over field as left_over,
        row_number() over (
            partition by realm, data_year, division_code, isced_f_broad_code
            order by expected - floor(expected) desc, occupation_major_code
        ) as remainder_rank
    from shared
    window field as (partition by realm, data_year, division_code, isced_f_broad_code)
),

apportioned as (
    select
        realm,
        data_year,
        division_code,
        prefecture_code,
        isced_f_broad_code,
        occupation_major_code,
        floor(expected) + case when remainder_rank <= left_over then 1 else 0 end as graduates
    from ranked
)

select * from apportioned
