with

divisions as (
    select * from {{ ref('divisions') }}
),

memberships as (
    select * from {{ ref('division_memberships') }}
),

-- a division changes on the day its borders do, and on the days it enters or leaves a list
changes as (
    select division_code, valid_from as change_date from divisions
    union
    select division_code, valid_from from memberships
    union
    select division_code, valid_to from memberships where valid_to is not null
    union
    -- the day the list of mountain counties became the list of mountain and island counties
    select division_code, date '2024-08-21' as change_date from memberships
),

spans as (
    select
        divisions.*,
        changes.change_date as span_from,
        coalesce(
            lead(changes.change_date) over (
                partition by divisions.division_code, divisions.valid_from order by changes.change_date
            ),
            divisions.valid_to
        ) as span_to
    from divisions
    inner join changes
        on divisions.division_code = changes.division_code
        and divisions.valid_from <= changes.change_date
        and (divisions.valid_to is null or changes.change_date < divisions.valid_to)
),

listed as (
    select
        spans.division_code,
        spans.span_from,
        bool_or(memberships.list_code = 'mountain26') as is_mountain26,
        bool_or(memberships.list_code = 'mountain_island_islands') as is_listed_island
    from spans
    inner join memberships
        on spans.division_code = memberships.division_code
        and memberships.valid_from <= spans.span_from
        and (memberships.valid_to is null or spans.span_from < memberships.valid_to)
    group by spans.division_code, spans.span_from
),

original_list as (
    select division_code from memberships where list_code = 'mountain26' and valid_from = date '2021-01-01'
),

dated as (
    select
        {{ surrogate_key(['spans.division_code', 'spans.span_from']) }} as division_key,
        spans.division_code,
        spans.prefecture_code,
        spans.division_level,
        spans.division_kind,
        spans.division_name_zh,
        spans.division_name_en,
        spans.is_island,
        coalesce(listed.is_mountain26, false) as is_mountain26,
        original_list.division_code is not null as is_mountain26_original,
        spans.span_from >= date '2024-08-21'
        and coalesce(listed.is_mountain26 or listed.is_listed_island, false) as is_mountain_island,
        spans.span_from as valid_from,
        spans.span_to as valid_to
    from spans
    left join listed on spans.division_code = listed.division_code and spans.span_from = listed.span_from
    left join original_list on spans.division_code = original_list.division_code
)

select * from dated
