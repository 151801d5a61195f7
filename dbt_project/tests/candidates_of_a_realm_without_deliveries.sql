-- The real and the simulated never meet: a value of a realm needs a return of an agency of that realm.
with

delivered as (
    select distinct agencies.realm, facts.indicator_code
    from (
        select schools.agency_code, definitions.indicator_code
        from (
            select agency_code from {{ ref('dim_institution') }}
            union
            select agency_code from {{ ref('school_returns') }}
        ) as schools
        cross join {{ ref('definitions_schools') }} as definitions
        union
        select school_returns.agency_code, forecasts.indicator_code
        from {{ ref('school_returns') }} as school_returns
        cross join (values ('forecast_school_places'), ('forecast_teachers')) as forecasts (indicator_code)
        union
        select agency_code, 'forecast_higher_education_entrants' as indicator_code from {{ ref('higher_education') }}
        union
        select agency_code, 'forecast_senior_learners' as indicator_code from {{ ref('fct_enrolment') }}
        union
        select agency_code, 'lifelong_learning_participation' as indicator_code from {{ ref('fct_learning_activity') }}
        union
        select counted.agency_code, definitions.indicator_code
        from (
            select agency_code from {{ ref('higher_education') }}
            union
            select agency_code from {{ ref('attainment') }}
        ) as counted
        cross join {{ ref('definitions_adults') }} as definitions
    ) as facts
    inner join {{ ref('dim_agency') }} as agencies on facts.agency_code = agencies.agency_code
    where agencies.realm is not null
)

select candidates.indicator_code, candidates.realm
from {{ ref('indicator_candidate') }} as candidates
left join delivered
    on candidates.realm = delivered.realm and candidates.indicator_code = delivered.indicator_code
where candidates.status <> 'needs_input' and delivered.realm is null
