with

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

-- a realm has learning records once one of its agencies has delivered some, of whatever days
realms as (
    select distinct agencies.realm
    from agencies
    where exists (
        select 1 from {{ ref('fct_learning_activity') }} as activities
        where activities.agency_code = agencies.agency_code
    )
    or exists (
        select 1 from {{ ref('fct_enrolment') }} as enrolments
        where enrolments.agency_code = agencies.agency_code
    )
)

select * from realms
