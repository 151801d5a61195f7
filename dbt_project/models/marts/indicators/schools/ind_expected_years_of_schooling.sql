with

counties as (
    select * from {{ ref('int_schools__counties') }}
),

expected_years as (
    select * from {{ ref('int_schools__expected_years') }}
),

residents as (
    select * from {{ ref('int_schools__residents_in_areas') }}
),

higher_education as (
    select * from {{ ref('higher_education') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

-- of years that no register tells there is nothing to complete: the returns have a method of their own
registered as (
    select realm, start_year
    from counties
    group by realm, start_year
    having bool_or(has_schools)
),

frame_cells as (
    select
        counties.realm,
        counties.start_year,
        counties.reference_date as as_of,
        counties.division_code,
        counties.prefecture_code,
        members.dimension,
        members.member,
        counties.is_complete,
        counties.missing_note
    from counties
    inner join registered
        on counties.realm = registered.realm and counties.start_year = registered.start_year
    cross join (
        values
        ('total', 'total'), ('sex', 'male'), ('sex', 'female'),
        ('stage', 'primary'), ('stage', 'junior'), ('stage', 'senior')
    ) as members (dimension, member)
),

placed as (
    {{ placed_in_areas('frame_cells') }}
),

areas as (
    select
        realm,
        start_year,
        as_of,
        area_code,
        area_level,
        placed_dimension as dimension,
        placed_member as member,
        min(in_groups) as in_groups,
        bool_or(is_complete) as is_known,
        min(missing_note) filter (where not is_complete) as missing_note
    from placed
    group by realm, start_year, as_of, area_code, area_level, placed_dimension, placed_member
),

of_schools as (
    select
        'uis_schools' as method,
        areas.*,
        expected_years.years,
        expected_years.most_years,
        expected_years.learners,
        expected_years.unlinked_persons
    from areas
    left join expected_years
        on areas.realm = expected_years.realm
        and areas.start_year = expected_years.start_year
        and areas.area_code = expected_years.area_code
        and areas.dimension = expected_years.dimension
        and areas.member = expected_years.member
),

-- the return of higher education has no ages: UIS divides it by the five years after school, times five years
students as (
    select agencies.realm, higher_education.school_year - 1 as start_year, sum(higher_education.headcount) as students
    from higher_education
    inner join agencies on higher_education.agency_code = agencies.agency_code
    where agencies.realm is not null and higher_education.study_form_code <> 'selfexam_grads'
    group by agencies.realm, higher_education.school_year
),

of_study_age as (
    select realm, start_year, sum(persons) as residents
    from residents
    where area_code = '330000' and dimension = 'total' and age_years between 18 and 22
    group by realm, start_year
),

with_study as (
    select
        'uis_with_higher_education' as method,
        of_schools.realm,
        of_schools.start_year,
        of_schools.as_of,
        of_schools.area_code,
        of_schools.area_level,
        of_schools.dimension,
        of_schools.member,
        of_schools.in_groups,
        of_schools.is_known and students.students is not null as is_known,
        case
            when students.students is null
                then '高等教育统计 return of higher education (source returns.higher_education)'
            else of_schools.missing_note
        end as missing_note,
        of_schools.years + 5.0 * students.students / nullif(of_study_age.residents, 0) as years,
        of_schools.most_years + 5.0 * students.students / nullif(of_study_age.residents, 0) as most_years,
        of_schools.learners + students.students as learners,
        of_schools.unlinked_persons
    from of_schools
    left join students on of_schools.realm = students.realm and of_schools.start_year = students.start_year
    left join of_study_age
        on of_schools.realm = of_study_age.realm and of_schools.start_year = of_study_age.start_year
    where of_schools.area_code = '330000' and of_schools.dimension = 'total'
),

both_methods as (
    select * from of_schools
    union all
    select * from with_study
),

indicator as (
    select
        'expected_years_of_schooling' as indicator_code,
        method,
        realm,
        area_code,
        area_level,
        start_year::text as period,
        dimension,
        member,
        in_groups,
        case when is_known then years::double precision end as value,
        null::double precision as numerator,
        case when is_known then learners::double precision end as denominator,
        case when is_known then years::double precision end as value_low,
        case when is_known then most_years::double precision end as value_high,
        case when is_known
            then (100.0 * learners / nullif(learners + unlinked_persons, 0))::double precision end as coverage_pct,
        case when is_known then unlinked_persons::bigint end as unlinked_persons,
        case when is_known then 'published' else 'needs_input' end as status,
        case when not is_known then missing_note end as status_note,
        as_of
    from both_methods
)

select * from indicator
