with

latest as (
    select * from {{ ref('base_returns__vacancies') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        division_code,
        occupation_scheme as occupation_scheme_code,
        occupation_code,
        vacancies,
        applicants,
        month as data_month,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
