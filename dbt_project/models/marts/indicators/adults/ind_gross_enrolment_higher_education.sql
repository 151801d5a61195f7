with

scales as (
    select * from {{ ref('int_higher_education__scale') }}
),

residents as (
    select * from {{ ref('int_population__age_groups') }} where age_group_code = '18_22'
),

-- one county without its 18- to 22-year-olds would raise the province's ratio: then there is none
populations as (
    select
        realm,
        base_code,
        to_char(reference_date, 'YYYY') as period,
        sum(persons)::numeric as persons,
        bool_and(is_county_complete) as is_complete
    from residents
    group by realm, base_code, to_char(reference_date, 'YYYY')
),

joined as (
    select
        scales.*,
        to_char(scales.as_of, 'YYYY') as period,
        case when populations.is_complete then populations.persons end as persons,
        case
            when not scales.is_weighted
                then '折算权重 a weight of every form of study (seed he_form_weights): a form without one was returned'
            when not coalesce(populations.is_complete, false)
                then case scales.base_code when 'resident' then '常住' else '户籍' end
                    || '18—22岁人口 ' || scales.base_code || ' population aged 18 to 22 of '
                    || to_char(scales.as_of, 'YYYY') || ' (source census.population_by_age)'
        end as missing_note
    from scales
    left join populations
        on scales.realm = populations.realm
        and scales.base_code = populations.base_code
        and to_char(scales.as_of, 'YYYY') = populations.period
),

-- the province alone: no part of it has a gross enrolment ratio, students live where their institution is
indicator as (
    select
        'gross_enrolment_higher_education' as indicator_code,
        method,
        realm,
        '330000' as area_code,
        'province' as area_level,
        period,
        'total' as dimension,
        'total' as member,
        null::text as in_groups,
        case
            when missing_note is null then (100 * coalesce(students, 0) / nullif(persons, 0))::double precision
        end as value,
        case when missing_note is null then coalesce(students, 0)::double precision end as numerator,
        case when missing_note is null then persons::double precision end as denominator,
        case
            when missing_note is null and students_unknown > 0
                then (100 * coalesce(students, 0) / nullif(persons, 0))::double precision
        end as value_low,
        case
            when missing_note is null and students_unknown > 0
                then (100 * (coalesce(students, 0) + students_unknown) / nullif(persons, 0))::double precision
        end as value_high,
        case
            when missing_note is null and students_unknown > 0
                then (100 * coalesce(students, 0) / (coalesce(students, 0) + students_unknown))::double precision
        end as coverage_pct,
        null::bigint as unlinked_persons,
        {{ status_of('missing_note', 'persons = 0') }} as status,
        {{ note_of('missing_note', 'persons = 0', 'nobody aged 18 to 22') }} as status_note,
        as_of
    from joined
)

select * from indicator
