with

student_info as (
    select * from {{ ref('stg_oulad__student_info') }}
),

-- an open university asks adults where they live now
persons as (
    select
        agency_code,
        'oulad' as source_name,
        'oulad__student_info' as source_entity,
        record_id,
        student_id_oulad as person_id_agency,
        _person_key as person_key,
        _id_status as id_status_code,
        birth_date,
        case gender_code when 'M' then 'male' when 'F' then 'female' end as sex_code,
        residence_division_code,
        true as is_residence_asked,
        _event_id
    from student_info
)

select * from persons
