with

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

with_registers as (
    select distinct realm from agencies where sector_code = 'senior_university'
),

delivered as (
    select * from {{ ref('int_participation__realms') }}
),

participants as (
    select * from {{ ref('int_participation__participants') }}
),

students as (
    select * from {{ ref('int_participation__senior_students') }} where is_regular
),

regular as (
    select participants.*
    from participants
    inner join students
        on participants.realm = students.realm
        and participants.reference_date = students.reference_date
        and participants.learner_key = students.learner_key
),

in_registers as (
    {{ cells_of_residents(
        'regular', 'senior_participation', 'senior_universities', '60plus', bands=['60_69', '70_79', '80plus'],
    ) }}
),

anywhere as (
    {{ cells_of_residents(
        'participants', 'senior_participation', 'any_source', '60plus', bands=['60_69', '70_79', '80plus'],
    ) }}
),

cells as (
    select in_registers.*
    from in_registers
    inner join with_registers on in_registers.realm = with_registers.realm
    inner join delivered on in_registers.realm = delivered.realm
    union all
    select anywhere.*
    from anywhere
    inner join delivered on anywhere.realm = delivered.realm
),

indicator as (
    {{ sums_over_sums('cells', nobody='no residents of this age') }}
)

select * from indicator
