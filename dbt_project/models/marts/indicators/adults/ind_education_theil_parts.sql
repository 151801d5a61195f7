with

attainment as (
    select * from {{ ref('int_attainment__cells') }} where scheme_code = 'yearbook_jc16' and is_complete
),

divisions as (
    select * from {{ ref('dim_division') }} where division_level = 'county'
),

-- the partitions of the province, and that of a prefecture; a zone without a code is a county of its own
grouped as (
    select
        attainment.realm,
        to_char(attainment.reference_date, 'YYYY') as period,
        attainment.reference_date as as_of,
        partitions.method,
        partitions.area_code,
        partitions.area_level,
        partitions.group_code,
        attainment.schooling_years,
        sum(attainment.persons)::numeric as persons,
        sum(attainment.person_years)::numeric as person_years
    from attainment
    left join divisions
        on attainment.division_code = divisions.division_code
        and divisions.valid_from <= attainment.reference_date
        and (divisions.valid_to is null or attainment.reference_date < divisions.valid_to)
    cross join lateral (
        values
        ('counties', '330000', 'province', attainment.unit_code),
        ('counties', attainment.prefecture_code, 'prefecture', attainment.unit_code),
        ('prefectures', '330000', 'province', attainment.prefecture_code),
        (
            'mountain26_of_2021', '330000', 'province',
            coalesce(divisions.is_mountain26_original, false)::text
        ),
        ('districts_and_counties', '330000', 'province', (divisions.division_kind is distinct from 'district')::text)
    ) as partitions (method, area_code, area_level, group_code)
    where partitions.area_code is not null
    group by
        attainment.realm, attainment.reference_date, partitions.method, partitions.area_code, partitions.area_level,
        partitions.group_code, attainment.schooling_years
),

totals as (
    select
        *,
        sum(persons) over of_group as group_persons,
        sum(person_years) over of_group as group_person_years,
        sum(persons) over of_area as area_persons,
        sum(person_years) over of_area as area_person_years
    from grouped
    window
        of_group as (partition by realm, period, method, area_code, group_code),
        of_area as (partition by realm, period, method, area_code)
),

-- T = within + between, term by term: y over the group's mean, and the group's mean over the area's
split as (
    select
        realm,
        period,
        as_of,
        method,
        area_code,
        area_level,
        max(area_persons) as persons,
        max(area_person_years) as person_years,
        sum(
            person_years / nullif(area_person_years, 0)
            * ln(schooling_years * group_persons / nullif(group_person_years, 0))
        ) filter (where person_years > 0) as within_groups,
        sum(
            person_years / nullif(area_person_years, 0)
            * ln(group_person_years / group_persons * area_persons / nullif(area_person_years, 0))
        ) filter (where person_years > 0) as between_groups
    from totals
    group by realm, period, as_of, method, area_code, area_level
),

indicator as (
    select
        parts.indicator_code,
        split.method,
        split.realm,
        split.area_code,
        split.area_level,
        split.period,
        'total' as dimension,
        'total' as member,
        null::text as in_groups,
        parts.part::double precision as value,
        null::double precision as numerator,
        split.persons::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        {{ status_of('null', 'split.person_years = 0') }} as status,
        {{ note_of('null::text', 'split.person_years = 0', 'nobody with any schooling') }} as status_note,
        split.as_of
    from split
    cross join lateral (
        values ('education_theil_between', split.between_groups), ('education_theil_within', split.within_groups)
    ) as parts (indicator_code, part)
)

select * from indicator
