with

changes as (
    select * from {{ ref('division_changes') }}
),

-- a split has no single successor, so a count under the old code cannot be carried over
successors as (
    select old_code as division_code, new_code as successor_code, effective_date
    from changes
    where change_kind in ('rename', 'merge')
)

select * from successors
