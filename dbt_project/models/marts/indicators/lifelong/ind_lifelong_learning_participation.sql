with

delivered as (
    select * from {{ ref('int_participation__realms') }}
),

participants as (
    select participants.*
    from {{ ref('int_participation__participants') }} as participants
),

in_four_weeks as (
    select * from participants where is_in_4_weeks
),

administrative as (
    {{ cells_of_residents(
        'participants', 'lifelong_learning_participation', 'administrative_12m', '25_64',
        bands=['25_34', '35_44', '45_54', '55_64'],
    ) }}
),

sdg as (
    {{ cells_of_residents(
        'participants', 'lifelong_learning_participation', 'sdg_4_3_1', '15_64', bands=['15_24', '25_64'],
    ) }}
),

lfs as (
    {{ cells_of_residents(
        'in_four_weeks', 'lifelong_learning_participation', 'lfs_4_weeks', '25_64',
        bands=['25_34', '35_44', '45_54', '55_64'],
    ) }}
),

all_cells as (
    select * from administrative
    union all
    select * from sdg
    union all
    select * from lfs
),

-- a realm without any delivery of learning records has no participation to show, not a participation of zero
cells as (
    select all_cells.*
    from all_cells
    inner join delivered on all_cells.realm = delivered.realm
),

indicator as (
    {{ sums_over_sums('cells', nobody='no residents of this age') }}
)

select * from indicator
