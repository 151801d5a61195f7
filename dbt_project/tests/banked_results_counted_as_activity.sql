-- A banked result was carried over from an earlier presentation: nobody did anything for it.
select activities.activity_key
from {{ ref('fct_learning_activity') }} as activities
inner join {{ ref('stg_oulad__student_assessment') }} as results
    on activities.agency_code = results.agency_code and activities.record_id = results.record_id
where activities.source_entity = 'oulad__student_assessment' and results.is_banked
