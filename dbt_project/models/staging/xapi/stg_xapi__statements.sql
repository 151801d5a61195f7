-- used twice, and materialised it would be read whole for a handful of statements
with

latest as not materialized (
    select * from {{ ref('base_xapi__statements') }}
),

-- a voided statement counts nowhere, whichever of the two came first
voided as (
    select _agency_code, voids as statement_id from latest where voids is not null and not _is_deleted
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        id as statement_id_xapi,
        actor as actor_id_xapi,
        registration as registration_id_xapi,
        actor_kind as actor_kind_code,
        verb as verb_iri,
        object_type as object_type_code,
        object as object_iri,
        activity_type as activity_type_iri,
        parents as parent_iris,
        groupings as grouping_iris,
        language as language_code,
        platform as platform_name,
        success as is_success,
        completion as is_completion,
        score_scaled as score_scaled_ratio,
        score_raw,
        score_min,
        score_max,
        extract(epoch from duration::interval) / 60 as duration_minutes,
        timestamp as done_at,
        _person_key,
        _id_status,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
        and voids is null
        and not exists (
            select from voided
            where latest._agency_code = voided._agency_code and latest.id = voided.statement_id
        )
)

select * from renamed
