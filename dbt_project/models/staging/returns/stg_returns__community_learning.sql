with

latest as (
    select * from {{ ref('base_returns__community_learning') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        point_code as learning_point_code,
        division_code,
        urban_rural as urban_rural_code,
        sessions,
        attendances,
        attendances_60plus,
        learners,
        month as data_month,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
