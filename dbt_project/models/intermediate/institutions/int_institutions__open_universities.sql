with

agencies as (
    select * from {{ ref('dim_agency') }}
),

-- an open university delivers learners, not organisations: it is one institution itself
open_universities as (
    select
        {{ surrogate_key(['agency_code']) }} as institution_key,
        {{ surrogate_key(['agency_code']) }} as root_institution_key,
        agency_code,
        agency_code as institution_id_agency,
        null as institution_code_moe,
        null as institution_code_uscc,
        'open_university' as institution_kind_code,
        '42' as school_kind_code,
        null as urban_rural_code,
        null as ownership_code,
        null as division_code,
        false as is_school,
        false as is_teaching_point,
        agency_name_zh as institution_name,
        null::uuid as _event_id
    from agencies
    where sector_code = 'open_university'
)

select * from open_universities
