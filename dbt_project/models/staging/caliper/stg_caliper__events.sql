with

latest as (
    select * from {{ ref('base_caliper__events') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        id as event_id_caliper,
        actor as actor_id_caliper,
        session as session_id_caliper,
        type as event_type_code,
        profile as profile_code,
        action as action_code,
        actor_type as actor_type_code,
        object as object_iri,
        object_type as object_type_code,
        target as target_iri,
        "group" as group_iri,
        roles as role_codes,
        ed_app as tool_iri,
        score_given,
        max_score as score_max,
        event_time as done_at,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
