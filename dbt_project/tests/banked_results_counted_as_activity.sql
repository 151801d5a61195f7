-- A banked result was carried over from an earlier presentation: nobody did anything for it.
select activities.activity_key
from {{ ref('stg_oulad__student_assessment') }} as results
inner join {{ ref('fct_learning_activity') }} as activities
    on results.agency_code = activities.agency_code
    and activities.source_entity = 'oulad__student_assessment'
    and results.record_id = activities.record_id
where results.is_banked {{ and_taken_in('results') }}
