with

latest as (
    select * from {{ ref('base_census__population_by_age') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        division_code,
        base as base_code,
        sex as sex_code,
        age as age_years,
        population as persons,
        reference_date,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
