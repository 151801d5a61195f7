with

moves as (
    select * from {{ ref('int_staff__moves') }}
),

-- counted are the teachers of the year before, at their school of then; those who entered only of the new year
seen as (
    select
        sides.indicator_code,
        moves.realm,
        moves.start_year,
        moves.reference_date,
        moves.is_year_before_known,
        sides.division_code,
        sides.prefecture_code,
        sides.stage_code,
        coalesce(sides.is_counted, false) as is_counted,
        case
            when sides.direction = 'moved' then 'moved'
            when sides.direction = 'stayed' or moves.institution_key = moves.institution_key_before then 'stayed'
            when moves.institution_key is null then 'left'
            when moves.institution_key_before is null then 'entered'
            when coalesce(moves.division_code, '') = coalesce(moves.division_code_before, '') then 'within_county'
            else 'other_county'
        end as flow
    from moves
    cross join lateral (
        values
        (
            'teacher_outflow', moves.institution_key_before is not null, null,
            moves.place_before, moves.prefecture_before, moves.stage_before
        ),
        ('teacher_inflow', moves.institution_key is not null, null, moves.place, moves.prefecture, moves.stage),
        (
            'teacher_rural_to_urban', moves.urban_rural_before = 'rural',
            case when moves.urban_rural in ('urban', 'town') then 'moved' else 'stayed' end,
            moves.place_before, moves.prefecture_before, moves.stage_before
        ),
        (
            'teacher_urban_to_rural', moves.urban_rural_before in ('urban', 'town'),
            case when moves.urban_rural = 'rural' then 'moved' else 'stayed' end,
            moves.place_before, moves.prefecture_before, moves.stage_before
        )
    ) as sides (indicator_code, is_counted, direction, division_code, prefecture_code, stage_code)
),

flows (indicator_code, member) as (
    values
    ('teacher_outflow', 'within_county'), ('teacher_outflow', 'other_county'), ('teacher_outflow', 'left'),
    ('teacher_inflow', 'within_county'), ('teacher_inflow', 'other_county'), ('teacher_inflow', 'entered')
),

members as (
    select indicator_code, 'flow' as dimension, member from flows
    union all
    select distinct indicator_code, 'total' as dimension, 'total' as member from seen
    union all
    select distinct indicator_code, 'stage' as dimension, stage_code as member from seen
),

cells as (
    select
        seen.indicator_code,
        'main_school_1sep' as method,
        seen.realm,
        seen.start_year::text as period,
        seen.reference_date as as_of,
        seen.division_code,
        seen.prefecture_code,
        members.dimension,
        members.member,
        sum(
            (seen.is_counted and seen.flow <> 'stayed' and (members.dimension <> 'flow' or members.member = seen.flow))
            ::integer
        ) as numerator,
        sum(seen.is_counted::integer) as denominator,
        null::bigint as unlinked_persons,
        bool_and(seen.is_year_before_known) as is_complete,
        '上一学年教师岗位记录 roles of teachers of the school year before (source oneroster)' as missing_note
    from seen
    inner join members
        on seen.indicator_code = members.indicator_code
        and (members.dimension <> 'stage' or members.member = seen.stage_code)
    group by
        seen.indicator_code, seen.realm, seen.start_year, seen.reference_date, seen.division_code,
        seen.prefecture_code, members.dimension, members.member
),

indicator as (
    {{ sums_over_sums('cells', nobody='no teacher of this kind') }}
)

select * from indicator
