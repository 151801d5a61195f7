{{ config(
    indexes=[
        {'columns': ['_agency_code', '_record_id'], 'unique': true},
        {'columns': ['_released_seq']},
        {'columns': ['_agency_code', 'user_sourced_id']},
        {'columns': ['_agency_code', 'class_sourced_id']},
    ],
) }}

{{ latest_released('oneroster', 'enrollments') }}
