with

latest as (
    select * from {{ ref('base_oulad__student_info') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        id_student as student_id_oulad,
        code_module as module_code,
        code_presentation as presentation_code,
        gender as gender_code,
        final_result as final_result_code,
        highest_education as highest_education_code,
        cn_residence_division as residence_division_code,
        cn_birth_date as birth_date,
        num_of_prev_attempts as previous_attempts,
        studied_credits,
        _person_key,
        _id_status,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
