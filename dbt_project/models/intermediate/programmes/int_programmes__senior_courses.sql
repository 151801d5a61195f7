with

enrolments as (
    select * from {{ ref('stg_senior__enrolments') }}
),

-- the register names courses by code alone; the category is the one most of its enrolments state
courses as (
    select
        {{ surrogate_key(['agency_code', 'school_code', 'course_code']) }} as programme_key,
        agency_code,
        concat_ws('|', school_code, course_code) as programme_id_agency,
        'senior_course' as programme_kind_code,
        mode() within group (order by course_category_code) as programme_category_code,
        null as grade_codes,
        null as subject_codes,
        course_code as programme_name
    from enrolments
    group by agency_code, school_code, course_code
)

select * from courses
