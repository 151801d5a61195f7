with

courses as (
    select * from {{ ref('stg_credit_bank__shared_courses') }}
),

-- the catalogue knows who teaches by the ministry's code alone
providers as (
    select distinct
        {{ surrogate_key(['agency_code', 'institution_code']) }} as institution_key,
        {{ surrogate_key(['agency_code', 'institution_code']) }} as root_institution_key,
        agency_code,
        institution_code as institution_id_agency,
        institution_code as institution_code_moe,
        null as institution_code_uscc,
        'course_provider' as institution_kind_code,
        null as school_kind_code,
        null as urban_rural_code,
        null as ownership_code,
        null as division_code,
        false as is_school,
        false as is_teaching_point,
        null as institution_name,
        null::uuid as _event_id
    from courses
)

select * from providers
