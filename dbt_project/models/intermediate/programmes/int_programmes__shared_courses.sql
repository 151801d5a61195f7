with

courses as (
    select * from {{ ref('stg_credit_bank__shared_courses') }}
),

programmes as (
    select
        {{ surrogate_key(['agency_code', 'course_code']) }} as programme_key,
        agency_code,
        course_code as programme_id_agency,
        'shared_course' as programme_kind_code,
        delivery_code as programme_category_code,
        null as grade_codes,
        isced_f_code as subject_codes,
        course_title as programme_name
    from courses
)

select * from programmes
