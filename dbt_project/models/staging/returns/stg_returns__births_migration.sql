with

latest as (
    select * from {{ ref('base_returns__births_migration') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        base as base_code,
        division_code,
        sex as sex_code,
        births,
        deaths,
        moved_in,
        moved_out,
        year as data_year,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
