{{ config(
    indexes=[
        {'columns': ['_agency_code', '_record_id'], 'unique': true},
        {'columns': ['_released_seq']},
        {'columns': ['_agency_code', 'id_student']},
        {'columns': ['_agency_code', 'id_assessment']},
    ],
) }}

{{ latest_released('oulad', 'student_assessment') }}
