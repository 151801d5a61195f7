{% set tables = {
    'hr__employments': 'stg_hr__employments',
    'hr__skill_certificates': 'stg_hr__skill_certificates',
    'hr__trainings': 'stg_hr__trainings',
} -%}

with

records as (
    {% for source_entity, table in tables.items() -%}
    {{ 'union all' if not loop.first }}
    select
        agency_code,
        '{{ source_entity }}' as source_entity,
        record_id,
        birth_date,
        sex_code,
        _person_key,
        _id_status,
        _event_id
    from {{ ref(table) }}
    {% endfor -%}
),

-- offices number spells and certificates, not persons: without a pseudonym each record is a person of its own
persons as (
    select
        agency_code,
        'hr' as source_name,
        source_entity,
        record_id,
        source_entity || '|' || record_id as person_id_agency,
        _person_key as person_key,
        _id_status as id_status_code,
        birth_date,
        case when sex_code in ('male', 'female') then sex_code end as sex_code,
        null as residence_division_code,
        false as is_residence_asked,
        _event_id
    from records
)

select * from persons
