{{ config(
    indexes=[
        {'columns': ['_agency_code', '_record_id'], 'unique': true},
        {'columns': ['_released_seq']},
        {'columns': ['_agency_code', 'student_sourced_id']},
    ],
) }}

{{ latest_released('oneroster', 'results') }}
