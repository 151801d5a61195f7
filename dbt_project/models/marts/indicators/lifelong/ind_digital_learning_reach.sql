with

delivered as (
    select * from {{ ref('int_participation__realms') }}
),

online as (
    select * from {{ ref('int_participation__participants') }} where is_online
),

reached as (
    {{ cells_of_residents(
        'online', 'digital_learning_reach', 'administrative_12m', '15plus', bands=['15_24', '25_64', '65plus'],
    ) }}
),

cells as (
    select reached.*
    from reached
    inner join delivered on reached.realm = delivered.realm
),

indicator as (
    {{ sums_over_sums('cells', nobody='no residents of this age') }}
)

select * from indicator
