-- Records of fct_enrolment that must be made again, with the input that touched them. Imports are used twice;
-- materialised they would be read whole, for a handful of records.
with

enrollments as not materialized (
    select * from {{ ref('base_oneroster__enrollments') }}
),

users as not materialized (
    select * from {{ ref('base_oneroster__users') }}
),

classes as not materialized (
    select * from {{ ref('base_oneroster__classes') }}
),

sessions as not materialized (
    select * from {{ ref('base_oneroster__academic_sessions') }}
),

registrations as not materialized (
    select * from {{ ref('base_oulad__student_registration') }}
),

student_info as not materialized (
    select * from {{ ref('base_oulad__student_info') }}
),

courses as not materialized (
    select * from {{ ref('base_oulad__courses') }}
),

by_enrollment as (
    select _agency_code, _record_id, 'enrollments' as input_name, _released_seq
    from enrollments
    where _released_seq > {{ above_watermark('fct_enrolment', 'enrollments') }}
),

by_user as (
    select enrollments._agency_code, enrollments._record_id, 'users' as input_name, users._released_seq
    from users
    inner join enrollments
        on users._agency_code = enrollments._agency_code and users._record_id = enrollments.user_sourced_id
    where users._released_seq > {{ above_watermark('fct_enrolment', 'users') }}
),

by_class as (
    select enrollments._agency_code, enrollments._record_id, 'classes' as input_name, classes._released_seq
    from classes
    inner join enrollments
        on classes._agency_code = enrollments._agency_code and classes._record_id = enrollments.class_sourced_id
    where classes._released_seq > {{ above_watermark('fct_enrolment', 'classes') }}
),

by_session as (
    select enrollments._agency_code, enrollments._record_id, 'sessions' as input_name, sessions._released_seq
    from sessions
    inner join classes
        on sessions._agency_code = classes._agency_code
        and ',' || replace(classes.term_sourced_ids, ' ', '') || ',' like '%,' || sessions._record_id || ',%'
    inner join enrollments
        on classes._agency_code = enrollments._agency_code and classes._record_id = enrollments.class_sourced_id
    where sessions._released_seq > {{ above_watermark('fct_enrolment', 'sessions') }}
),

by_registration as (
    select _agency_code, _record_id, 'registrations' as input_name, _released_seq
    from registrations
    where _released_seq > {{ above_watermark('fct_enrolment', 'registrations') }}
),

-- a student is resolved from all of his records, so one of them touches every registration of his
by_student as (
    select
        registrations._agency_code,
        registrations._record_id,
        'student_info' as input_name,
        student_info._released_seq
    from student_info
    inner join registrations
        on student_info._agency_code = registrations._agency_code
        and split_part(student_info._record_id, '|', 3) = registrations.id_student
    where student_info._released_seq > {{ above_watermark('fct_enrolment', 'student_info') }}
),

by_course as (
    select registrations._agency_code, registrations._record_id, 'courses' as input_name, courses._released_seq
    from courses
    inner join registrations
        on courses._agency_code = registrations._agency_code
        and courses._record_id = concat_ws('|', registrations.code_module, registrations.code_presentation)
    where courses._released_seq > {{ above_watermark('fct_enrolment', 'courses') }}
),

touched as (
    select 'oneroster__enrollments' as source_entity, * from by_enrollment
    union all
    select 'oneroster__enrollments' as source_entity, * from by_user
    union all
    select 'oneroster__enrollments' as source_entity, * from by_class
    union all
    select 'oneroster__enrollments' as source_entity, * from by_session
    union all
    select 'oulad__student_registration' as source_entity, * from by_registration
    union all
    select 'oulad__student_registration' as source_entity, * from by_student
    union all
    select 'oulad__student_registration' as source_entity, * from by_course
),

renamed as (
    select _agency_code as agency_code, source_entity, _record_id as record_id, input_name, _released_seq
    from touched
)

select * from renamed
