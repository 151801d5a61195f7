with

enrolments as (
    select * from {{ ref('stg_senior__enrolments') }}
),

-- the register names its schools by code alone
senior_universities as (
    select distinct
        {{ surrogate_key(['agency_code', 'school_code']) }} as institution_key,
        {{ surrogate_key(['agency_code', 'school_code']) }} as root_institution_key,
        agency_code,
        school_code as institution_id_agency,
        school_code as institution_code_moe,
        null as institution_code_uscc,
        'senior_university' as institution_kind_code,
        substring(school_code from '^([0-9]{2})[0-9]{8}$') as school_kind_code,
        null as urban_rural_code,
        null as ownership_code,
        null as division_code,
        false as is_school,
        false as is_teaching_point,
        null as institution_name,
        null::uuid as _event_id
    from enrolments
)

select * from senior_universities
