with

school_courses as (
    select * from {{ ref('stg_oneroster__courses') }}
),

presentations as (
    select * from {{ ref('stg_oulad__courses') }}
),

taught as (
    select
        {{ surrogate_key(['agency_code', 'course_id_oneroster']) }} as programme_key,
        agency_code,
        course_id_oneroster as programme_id_agency,
        'school_course' as programme_kind_code,
        grade_codes,
        subject_codes,
        course_name as programme_name
    from school_courses
),

modules as (
    select distinct
        {{ surrogate_key(['agency_code', 'module_code']) }} as programme_key,
        agency_code,
        module_code as programme_id_agency,
        'university_module' as programme_kind_code,
        null as grade_codes,
        null as subject_codes,
        module_code as programme_name
    from presentations
),

programmes as (
    select * from taught
    union all
    select * from modules
)

select * from programmes
