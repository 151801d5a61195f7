-- Records of fct_learning_activity that must be made again, with the input that touched them. Imports are used twice;
-- materialised they would be read whole, for a handful of records.
with

page_views as not materialized (
    select * from {{ ref('base_oulad__student_vle') }}
),

results as not materialized (
    select * from {{ ref('base_oulad__student_assessment') }}
),

assessments as not materialized (
    select * from {{ ref('base_oulad__assessments') }}
),

student_info as not materialized (
    select * from {{ ref('base_oulad__student_info') }}
),

by_page_view as (
    select _agency_code, _record_id, 'page_views' as input_name, _released_seq
    from page_views
    where _released_seq > {{ above_watermark('fct_learning_activity', 'page_views') }}
),

page_view_by_student as (
    select
        page_views._agency_code,
        page_views._record_id,
        'student_info' as input_name,
        student_info._released_seq
    from student_info
    inner join page_views
        on student_info._agency_code = page_views._agency_code
        and split_part(student_info._record_id, '|', 3) = page_views.id_student
    where student_info._released_seq > {{ above_watermark('fct_learning_activity', 'student_info') }}
),

by_result as (
    select _agency_code, _record_id, 'results' as input_name, _released_seq
    from results
    where _released_seq > {{ above_watermark('fct_learning_activity', 'results') }}
),

result_by_student as (
    select results._agency_code, results._record_id, 'student_info' as input_name, student_info._released_seq
    from student_info
    inner join results
        on student_info._agency_code = results._agency_code
        and split_part(student_info._record_id, '|', 3) = results.id_student
    where student_info._released_seq > {{ above_watermark('fct_learning_activity', 'student_info') }}
),

by_assessment as (
    select results._agency_code, results._record_id, 'assessments' as input_name, assessments._released_seq
    from assessments
    inner join results
        on assessments._agency_code = results._agency_code and assessments._record_id = results.id_assessment
    where assessments._released_seq > {{ above_watermark('fct_learning_activity', 'assessments') }}
),

touched as (
    select 'oulad__student_vle' as source_entity, * from by_page_view
    union all
    select 'oulad__student_vle' as source_entity, * from page_view_by_student
    union all
    select 'oulad__student_assessment' as source_entity, * from by_result
    union all
    select 'oulad__student_assessment' as source_entity, * from result_by_student
    union all
    select 'oulad__student_assessment' as source_entity, * from by_assessment
),

renamed as (
    select _agency_code as agency_code, source_entity, _record_id as record_id, input_name, _released_seq
    from touched
)

select * from renamed
