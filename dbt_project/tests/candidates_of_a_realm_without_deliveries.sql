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
        select agency_code, 'forecast_senior_learners' as indicator_code
        from {{ ref('dim_agency') }} as with_seniors
        where {{ has_facts('fct_enrolment', 'with_seniors.agency_code') }}
        union
        select adults.agency_code, definitions.indicator_code
        from (
            select agency_code from {{ ref('attainment') }}
            union
            select agency_code from {{ ref('higher_education') }}
            union
            select agency_code from {{ ref('graduates') }}
            union
            select agency_code from {{ ref('vacancies') }}
            union
            select agency_code from {{ ref('dim_agency') }} as with_spells
            where {{ has_facts('fct_employment_spell', 'with_spells.agency_code') }}
            union
            select agency_code from {{ ref('dim_agency') }} as with_certificates
            where {{ has_facts('fct_skill_certificate', 'with_certificates.agency_code') }}
        ) as adults
        cross join {{ ref('definitions_adults') }} as definitions
        union
        select agency_code, 'residents_60plus' as indicator_code from {{ ref('population') }}
        union
        select returned.agency_code, community.indicator_code
        from {{ ref('community_learning') }} as returned
        cross join (
            values
            ('community_learning_attendance'), ('community_learning_place'), ('community_learning_points'),
            ('community_learning_senior_share'), ('community_learning_session_size')
        ) as community (indicator_code)
        union
        select agency_code, 'credit_transfer_rate' as indicator_code from {{ ref('int_credits__accounts') }}
        union
        select agency_code, indicator_code from {{ ref('survey_estimates') }}
        union
        select seen.agency_code, learning.indicator_code
        from (
            select agency_code from {{ ref('dim_agency') }} as with_activity
            where {{ has_facts('fct_learning_activity', 'with_activity.agency_code') }}
            union
            select agency_code from {{ ref('dim_agency') }} as with_enrolments
            where {{ has_facts('fct_enrolment', 'with_enrolments.agency_code') }}
        ) as seen
        cross join (
            values
            ('digital_learning_reach'), ('learner_flow'), ('lifelong_learning_participation'),
            ('participation_by_formality'), ('participation_by_sector'), ('senior_participation')
        ) as learning (indicator_code)
    ) as facts
    inner join {{ ref('dim_agency') }} as agencies on facts.agency_code = agencies.agency_code
    where agencies.realm is not null
)

select candidates.indicator_code, candidates.realm
from {{ ref('indicator_candidate') }} as candidates
left join delivered
    on candidates.realm = delivered.realm and candidates.indicator_code = delivered.indicator_code
where candidates.status <> 'needs_input' and delivered.realm is null
