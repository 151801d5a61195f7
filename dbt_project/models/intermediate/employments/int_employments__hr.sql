with

employments as (
    select * from {{ ref('stg_hr__employments') }}
),

groups as (
    select * from {{ ref('int_occupations__groups') }}
),

sections as (
    select * from {{ ref('industry_sections') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- only the national classification writes hyphens, so they tell the scheme where the record does not
classified as (
    select
        *,
        coalesce(occupation_scheme_code, case when occupation_code ~ '^[1-8]-[0-9]{2}' then 'GBT6565' end)
            as known_scheme_code,
        substring(industry_code from '^[A-T]?([0-9]{2})') as industry_division
    from employments
),

spells as (
    select
        classified.agency_code,
        'hr__employments' as source_entity,
        classified.record_id,
        persons.learner_key,
        classified.employer_uscc,
        classified.employment_form_code,
        classified.known_scheme_code as occupation_scheme_code,
        classified.occupation_code,
        groups.occupation_major_code,
        groups.occupation_major_gbt6565_code,
        classified.industry_code,
        sections.industry_section_code,
        classified.workplace_division_code,
        classified.record_status_code,
        classified.contract_hours,
        classified.started_date,
        -- the register names the last day of work; whoever left before the start never worked: an empty span
        case
            when classified.ended_date is not null then greatest(classified.ended_date + 1, classified.started_date)
        end as ended_date,
        classified._event_id,
        classified._released_seq
    from classified
    inner join persons
        on classified.agency_code = persons.agency_code
        and persons.source_name = 'hr'
        and 'hr__employments|' || classified.record_id = persons.person_id_agency
    left join groups
        on classified.known_scheme_code = groups.occupation_scheme_code
        and left(classified.occupation_code, 1) = groups.occupation_major_code
    -- some offices deliver the section's letter alone, some the digits alone
    left join sections
        on classified.industry_division between sections.first_division and sections.last_division
        or (classified.industry_division is null and classified.industry_code = sections.industry_section_code)
)

select * from spells
