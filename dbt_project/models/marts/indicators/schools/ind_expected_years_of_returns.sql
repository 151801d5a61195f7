{% set from_age = var('expected_years_from_age') -%}

with

counties as (
    select * from {{ ref('int_schools__counties') }}
),

enrolment as (
    select * from {{ ref('int_schools__enrolment_cells') }}
),

stages as (
    select * from {{ ref('education_stages') }} where least_years >= {{ from_age }}
),

school_years as (
    select realm, start_year, reference_date
    from counties
    group by realm, start_year, reference_date
    having bool_or(has_returns)
),

-- pupils whose county is not known count above it; those of a county without any return count nowhere
cells as (
    select
        enrolment.realm,
        enrolment.start_year,
        school_years.reference_date as as_of,
        enrolment.division_code,
        enrolment.prefecture_code,
        'total' as dimension,
        'total' as member,
        stages.stage_code,
        stages.duration_years,
        sum(enrolment.headcount) as pupils,
        sum(enrolment.residents) as residents,
        bool_and(coalesce(counties.has_residents and counties.has_returns, enrolment.division_code is null))
            as is_complete,
        min(
            case when counties.has_residents
                then '教育事业统计 school returns of this county (source returns.schools)' else counties.missing_note
            end
        ) as missing_note
    from enrolment
    inner join stages on enrolment.stage_code = stages.stage_code
    inner join school_years
        on enrolment.realm = school_years.realm and enrolment.start_year = school_years.start_year
    left join counties
        on enrolment.realm = counties.realm
        and enrolment.start_year = counties.start_year
        and enrolment.division_code = counties.division_code
    where counties.division_code is not null or enrolment.division_code is null
    group by
        enrolment.realm, enrolment.start_year, school_years.reference_date, enrolment.division_code,
        enrolment.prefecture_code, stages.stage_code, stages.duration_years
),

placed as (
    {{ placed_in_areas('cells') }}
),

of_stages as (
    select
        realm,
        start_year,
        as_of,
        area_code,
        area_level,
        placed_dimension,
        placed_member,
        stage_code,
        min(in_groups) as in_groups,
        bool_or(is_complete) as is_known,
        min(missing_note) filter (where not is_complete) as missing_note,
        sum(pupils) filter (where is_complete) as pupils,
        duration_years * sum(pupils) filter (where is_complete)
        / nullif(sum(residents) filter (where is_complete), 0) as years
    from placed
    group by
        realm, start_year, as_of, area_code, area_level, placed_dimension, placed_member, stage_code, duration_years
),

-- enrolment of unknown age is that of its stage for each year of it (UIS), and the return tells no age of anybody
added as (
    select
        of_stages.realm,
        of_stages.start_year,
        of_stages.as_of,
        of_stages.area_code,
        of_stages.area_level,
        members.dimension,
        members.member,
        min(of_stages.in_groups) filter (where members.dimension <> 'stage') as in_groups,
        bool_and(of_stages.is_known) as is_known,
        min(of_stages.missing_note) as missing_note,
        sum(of_stages.pupils) as pupils,
        sum(of_stages.years) as years
    from of_stages
    cross join lateral (
        values
        (of_stages.placed_dimension, of_stages.placed_member),
        ('stage', case when of_stages.placed_dimension = 'total' then of_stages.stage_code end)
    ) as members (dimension, member)
    where members.member is not null
    group by
        of_stages.realm, of_stages.start_year, of_stages.as_of, of_stages.area_code, of_stages.area_level,
        members.dimension, members.member
),

indicator as (
    select
        'expected_years_of_schooling' as indicator_code,
        'returns_by_stage' as method,
        realm,
        area_code,
        area_level,
        start_year::text as period,
        dimension,
        member,
        in_groups,
        case when is_known then years::double precision end as value,
        null::double precision as numerator,
        case when is_known then pupils::double precision end as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        case when is_known then 'published' else 'needs_input' end as status,
        case when not is_known then missing_note end as status_note,
        as_of
    from added
)

select * from indicator
