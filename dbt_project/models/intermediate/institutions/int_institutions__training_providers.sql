with

trainings as (
    select * from {{ ref('stg_hr__trainings') }}
),

-- without a provider's code a training counts with the office that reports it
providers as (
    select distinct
        {{ surrogate_key(['agency_code', 'coalesce(provider_uscc, agency_code)']) }} as institution_key,
        {{ surrogate_key(['agency_code', 'coalesce(provider_uscc, agency_code)']) }} as root_institution_key,
        agency_code,
        coalesce(provider_uscc, agency_code) as institution_id_agency,
        null as institution_code_moe,
        provider_uscc as institution_code_uscc,
        'training_provider' as institution_kind_code,
        null as school_kind_code,
        null as urban_rural_code,
        null as ownership_code,
        null as division_code,
        false as is_school,
        false as is_teaching_point,
        null as institution_name,
        null::uuid as _event_id
    from trainings
)

select * from providers
