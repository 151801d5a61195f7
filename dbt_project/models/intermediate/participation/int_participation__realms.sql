with

agencies as (
    select * from {{ ref('dim_agency') }} where realm is not null
),

-- a realm has learning records once one of its agencies has delivered some, of whatever days
realms as (
    select distinct realm
    from agencies
    where {{ has_facts('fct_learning_activity', 'agencies.agency_code') }}
        or {{ has_facts('fct_enrolment', 'agencies.agency_code') }}
)

select * from realms
