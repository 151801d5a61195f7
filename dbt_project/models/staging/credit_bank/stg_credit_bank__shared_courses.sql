with

latest as (
    select * from {{ ref('base_credit_bank__shared_courses') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        course_code,
        institution_code,
        delivery as delivery_code,
        isced_f_code,
        title as course_title,
        credits as course_credits,
        hours as learning_hours,
        capacity as places,
        opens_on as opened_date,
        closes_on as closed_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
