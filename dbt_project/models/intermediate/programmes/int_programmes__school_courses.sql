with

courses as (
    select * from {{ ref('stg_oneroster__courses') }}
),

taught as (
    select
        {{ surrogate_key(['agency_code', 'course_id_oneroster']) }} as programme_key,
        agency_code,
        course_id_oneroster as programme_id_agency,
        'school_course' as programme_kind_code,
        null as programme_category_code,
        grade_codes,
        subject_codes,
        course_name as programme_name
    from courses
)

select * from taught
