with

pupils as (
    select * from {{ ref('int_schools__pupils') }}
),

schools as (
    select * from {{ ref('int_schools__register') }}
),

teachers as (
    select * from {{ ref('int_staff__teachers') }}
),

returned as (
    select * from {{ ref('int_schools__returned') }}
),

pupil_posts as (
    select
        pupils.realm,
        pupils.start_year,
        pupils.reference_date as as_of,
        schools.division_code,
        schools.prefecture_code,
        schools.stage_code,
        schools.urban_rural,
        schools.education_group_code,
        pupils.learner_key
    from pupils
    inner join schools on pupils.institution_key = schools.institution_key
),

teacher_posts as (
    select
        realm,
        start_year,
        reference_date as as_of,
        division_code,
        prefecture_code,
        stage_code,
        urban_rural,
        education_group_code,
        learner_key
    from teachers
    where is_latest
),

pupils_in_areas as (
    {{ distinct_over_areas(
        'pupil_posts',
        dimensions={'stage': 'stage_code', 'urban_rural': 'urban_rural'},
        of_province={'education_group': 'education_group_code'},
    ) }}
),

teachers_in_areas as (
    {{ distinct_over_areas(
        'teacher_posts',
        dimensions={'stage': 'stage_code', 'urban_rural': 'urban_rural'},
        of_province={'education_group': 'education_group_code'},
    ) }}
),

of_records as (
    select
        'pupil_teacher_ratio' as indicator_code,
        'records_active_1sep' as method,
        pupils_in_areas.realm,
        pupils_in_areas.area_code,
        pupils_in_areas.area_level,
        pupils_in_areas.start_year::text as period,
        pupils_in_areas.dimension,
        pupils_in_areas.member,
        pupils_in_areas.in_groups,
        pupils_in_areas.persons::double precision / teachers_in_areas.persons as value,
        pupils_in_areas.persons::double precision as numerator,
        coalesce(teachers_in_areas.persons, 0)::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        case when teachers_in_areas.persons is null then 'not_applicable' else 'published' end as status,
        case when teachers_in_areas.persons is null then 'no teacher on the day' end as status_note,
        pupils_in_areas.as_of
    from pupils_in_areas
    left join teachers_in_areas
        on pupils_in_areas.realm = teachers_in_areas.realm
        and pupils_in_areas.start_year = teachers_in_areas.start_year
        and pupils_in_areas.area_code = teachers_in_areas.area_code
        and pupils_in_areas.dimension = teachers_in_areas.dimension
        and pupils_in_areas.member = teachers_in_areas.member
),

returned_cells as (
    select
        'pupil_teacher_ratio' as indicator_code,
        'returns_full_time' as method,
        returned.realm,
        returned.start_year::text as period,
        returned.reference_date as as_of,
        case when members.dimension <> 'education_group' then returned.division_code end as division_code,
        case when members.dimension <> 'education_group' then returned.prefecture_code end as prefecture_code,
        members.dimension,
        members.member,
        returned.headcount as numerator,
        returned.full_time_teachers as denominator,
        null::bigint as unlinked_persons,
        true as is_complete,
        null::text as missing_note
    from returned
    cross join lateral (
        values
        ('total', 'total'), ('stage', returned.stage_code), ('urban_rural', returned.urban_rural),
        ('education_group', returned.education_group_code)
    ) as members (dimension, member)
),

of_returns as (
    {{ sums_over_sums('returned_cells', per=1, nobody='no full-time teacher') }}
)

select * from of_records
union all
select * from of_returns
