with

latest as (
    select * from {{ ref('base_credit_bank__cross_enrolments') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        enrolment_id as enrolment_id_credit_bank,
        course_code,
        home_institution_code,
        status as status_code,
        sex as sex_code,
        credits_awarded,
        birth_date,
        enrolled_on as enrolled_date,
        ended_on as ended_date,
        _person_key,
        _id_status,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
