with

latest as (
    select * from {{ ref('base_returns__higher_education') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        institution_code,
        form as study_form_code,
        origin_province as origin_province_code,
        division_code,
        headcount,
        school_year,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
