-- Live released records that became no fact, by entity. Their person (or assessment) has not been released: the
-- cross-entity rules of the suites should have quarantined them. They enter core when it arrives.
{{ config(severity='warn') }}

with

live as (
    select 'oneroster__enrollments' as source_entity, agency_code, count(*) as records
    from {{ ref('stg_oneroster__enrollments') }} where role_code = 'student' group by agency_code
    union all
    select 'oulad__student_registration' as source_entity, agency_code, count(*) as records
    from {{ ref('stg_oulad__student_registration') }} group by agency_code
    union all
    select 'oulad__student_vle' as source_entity, agency_code, count(*) as records
    from {{ ref('stg_oulad__student_vle') }} group by agency_code
    union all
    select 'oulad__student_assessment' as source_entity, agency_code, count(*) as records
    from {{ ref('stg_oulad__student_assessment') }} group by agency_code
),

facts as (
    select source_entity, agency_code, count(*) as records
    from {{ ref('fct_enrolment') }} group by source_entity, agency_code
    union all
    select source_entity, agency_code, count(*) as records
    from {{ ref('fct_learning_activity') }} where activity_kind_code = 'page_view' group by source_entity, agency_code
    union all
    select source_entity, agency_code, count(*) as records
    from {{ ref('fct_learning_outcome') }} where outcome_kind_code = 'assessment' group by source_entity, agency_code
)

select
    live.source_entity,
    live.agency_code,
    live.records - coalesce(facts.records, 0) as missing_records
from live
left join facts on live.source_entity = facts.source_entity and live.agency_code = facts.agency_code
where live.records <> coalesce(facts.records, 0)
