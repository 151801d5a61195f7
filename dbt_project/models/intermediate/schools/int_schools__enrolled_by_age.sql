with

children as (
    select * from {{ ref('int_schools__children') }}
),

counted as (
    select
        realm,
        start_year,
        reference_date,
        division_code,
        prefecture_code,
        sex_code,
        stage_code,
        age_years,
        count(*) filter (where is_linked) as learners,
        count(*) filter (where not is_linked) as unlinked_persons
    from children
    group by realm, start_year, reference_date, division_code, prefecture_code, sex_code, stage_code, age_years
)

select * from counted
