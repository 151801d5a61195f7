-- A fact whose agency is not in the registry has no realm and silently leaves every indicator.
with

facts as (
    select agency_code from {{ ref('fct_enrolment') }}
    union
    select agency_code from {{ ref('fct_learning_activity') }}
    union
    select agency_code from {{ ref('fct_learning_outcome') }}
    union
    select agency_code from {{ ref('population') }}
    union
    select agency_code from {{ ref('attainment') }}
)

select facts.agency_code
from facts
left join {{ ref('dim_agency') }} as agencies on facts.agency_code = agencies.agency_code
where agencies.agency_code is null
