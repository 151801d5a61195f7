with

enrolments as (
    select * from {{ ref('stg_senior__enrolments') }}
),

-- a card is one school's: its number may be another person's at the next school of the agency
persons as (
    select
        agency_code,
        'senior' as source_name,
        'senior__enrolments' as source_entity,
        record_id,
        concat_ws('|', school_code, student_card_no_senior) as person_id_agency,
        _person_key as person_key,
        _id_status as id_status_code,
        birth_date,
        case when sex_code in ('male', 'female') then sex_code end as sex_code,
        residence_division_code,
        true as is_residence_asked,
        _event_id
    from enrolments
)

select * from persons
