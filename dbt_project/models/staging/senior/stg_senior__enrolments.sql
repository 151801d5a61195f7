with

latest as (
    select * from {{ ref('base_senior__enrolments') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        class_id as class_id_senior,
        student_card_no as student_card_no_senior,
        school_code,
        term as term_code,
        course_code,
        course_category as course_category_code,
        delivery as delivery_code,
        status as status_code,
        withdraw_reason as withdraw_reason_code,
        education_level as education_level_code,
        residence_division as residence_division_code,
        hukou_division as hukou_division_code,
        age_band as age_band_code,
        sex as sex_code,
        retired_flag as is_retired,
        consent_80plus as has_consent_80plus,
        fee_paid as fee_paid_cny,
        hours_planned,
        hours_attended,
        enrol_date as enrolled_date,
        birth_date,
        _person_key,
        _id_status,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
