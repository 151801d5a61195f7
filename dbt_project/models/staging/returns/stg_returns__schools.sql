with

latest as (
    select * from {{ ref('base_returns__schools') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        school_code,
        division_code,
        school_kind as school_kind_code,
        ownership as ownership_code,
        urban_rural as urban_rural_code,
        education_group as education_group_code,
        paired_school_code,
        places,
        headcount,
        full_time_teachers,
        fee_cny_month as fee_cny_per_month,
        school_year,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
