with

latest as (
    select * from {{ ref('base_returns__graduates') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        institution_code,
        isced_level as isced_level_code,
        isced_f_broad as isced_f_broad_code,
        division_code,
        graduates,
        graduates_female,
        year as data_year,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
