-- Records of fct_learning_outcome that must be made again, with the input that touched them. Imports are used twice;
-- materialised they would be read whole, for a handful of records.
with

results as not materialized (
    select * from {{ ref('base_oulad__student_assessment') }}
),

assessments as not materialized (
    select * from {{ ref('base_oulad__assessments') }}
),

student_info as not materialized (
    select * from {{ ref('base_oulad__student_info') }}
),

courses as not materialized (
    select * from {{ ref('base_oulad__courses') }}
),

by_result as (
    select _agency_code, _record_id, 'results' as input_name, _released_seq
    from results
    where _released_seq > {{ above_watermark('fct_learning_outcome', 'results') }}
),

result_by_student as (
    select results._agency_code, results._record_id, 'student_info' as input_name, student_info._released_seq
    from student_info
    inner join results
        on student_info._agency_code = results._agency_code
        and split_part(student_info._record_id, '|', 3) = results.id_student
    where student_info._released_seq > {{ above_watermark('fct_learning_outcome', 'student_info') }}
),

by_assessment as (
    select results._agency_code, results._record_id, 'assessments' as input_name, assessments._released_seq
    from assessments
    inner join results
        on assessments._agency_code = results._agency_code and assessments._record_id = results.id_assessment
    where assessments._released_seq > {{ above_watermark('fct_learning_outcome', 'assessments') }}
),

-- a student is resolved from all of his records, so one of them touches the others
by_student as (
    select others._agency_code, others._record_id, 'student_info' as input_name, student_info._released_seq
    from student_info
    inner join student_info as others
        on student_info._agency_code = others._agency_code
        and split_part(student_info._record_id, '|', 3) = split_part(others._record_id, '|', 3)
    where student_info._released_seq > {{ above_watermark('fct_learning_outcome', 'student_info') }}
),

by_course as (
    select student_info._agency_code, student_info._record_id, 'courses' as input_name, courses._released_seq
    from courses
    inner join student_info
        on courses._agency_code = student_info._agency_code
        and courses._record_id = concat_ws('|', student_info.code_module, student_info.code_presentation)
    where courses._released_seq > {{ above_watermark('fct_learning_outcome', 'courses') }}
),

touched as (
    select 'oulad__student_assessment' as source_entity, * from by_result
    union all
    select 'oulad__student_assessment' as source_entity, * from result_by_student
    union all
    select 'oulad__student_assessment' as source_entity, * from by_assessment
    union all
    select 'oulad__student_info' as source_entity, * from by_student
    union all
    select 'oulad__student_info' as source_entity, * from by_course
),

renamed as (
    select _agency_code as agency_code, source_entity, _record_id as record_id, input_name, _released_seq
    from touched
)

select * from renamed
