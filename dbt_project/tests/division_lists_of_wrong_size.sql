-- The provincial lists had 26, then 25, then 22 members (published counts); 90 counties exist since April 2021.
with

expected (list_day, mountain26, mountain_island, original, counties) as (
    values
    (date '2022-01-01', 26, 0, 26, 90),
    (date '2024-08-21', 23, 25, 26, 90),
    (date '2025-05-28', 20, 22, 26, 90)
),

found as (
    select
        expected.list_day,
        count(*) filter (where divisions.is_mountain26) as mountain26,
        count(*) filter (where divisions.is_mountain_island) as mountain_island,
        count(*) filter (where divisions.is_mountain26_original) as original,
        count(*) as counties
    from expected
    inner join {{ ref('dim_division') }} as divisions
        on divisions.valid_from <= expected.list_day
        and (divisions.valid_to is null or expected.list_day < divisions.valid_to)
    where divisions.division_level = 'county'
    group by expected.list_day
)

select * from found
except
select * from expected
