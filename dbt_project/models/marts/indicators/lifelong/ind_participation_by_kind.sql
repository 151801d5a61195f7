with

delivered as (
    select * from {{ ref('int_participation__realms') }}
),

participants as (
    select * from {{ ref('int_participation__participants') }}
),

in_sectors as (
    select participants.*, sectors.member
    from participants
    cross join unnest(participants.sector_codes) as sectors (member)
),

in_kinds as (
    select participants.*, kinds.member
    from participants
    cross join unnest(participants.formality_codes) as kinds (member)
),

sectors as (
    {{ cells_of_residents(
        'in_sectors', 'participation_by_sector', 'administrative_12m', '25_64', by='sector',
        members=['school', 'open_university', 'human_resources', 'senior_university'],
    ) }}
),

formality as (
    {{ cells_of_residents(
        'in_kinds', 'participation_by_formality', 'sdg_4_3_1', '15_64', by='formality',
        members=['formal', 'non_formal'],
    ) }}
),

adult_formality as (
    {{ cells_of_residents(
        'in_kinds', 'participation_by_formality', 'administrative_12m', '25_64', by='formality',
        members=['formal', 'non_formal'],
    ) }}
),

all_cells as (
    select * from sectors
    union all
    select * from formality
    union all
    select * from adult_formality
),

cells as (
    select all_cells.*
    from all_cells
    inner join delivered on all_cells.realm = delivered.realm
),

indicator as (
    {{ sums_over_sums('cells', nobody='no residents of this age') }}
)

select * from indicator
