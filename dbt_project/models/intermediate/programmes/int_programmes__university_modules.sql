with

presentations as (
    select * from {{ ref('stg_oulad__courses') }}
),

modules as (
    select distinct
        {{ surrogate_key(['agency_code', 'module_code']) }} as programme_key,
        agency_code,
        module_code as programme_id_agency,
        'university_module' as programme_kind_code,
        null as programme_category_code,
        null as grade_codes,
        null as subject_codes,
        module_code as programme_name
    from presentations
)

select * from modules
