with

versions as (
    select * from {{ ref('base_hr__employments__versions') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

-- offices number spells, not persons: a spell is one statement with days of its own
stated as (
    select
        versions._agency_code as agency_code,
        'hr__employments' as source_entity,
        versions._record_id as record_id,
        versions._version as version,
        'hr' as source_name,
        'hr__employments|' || versions._record_id as person_id_agency,
        'employer' as attribute_code,
        versions.employer_uscc as value_code,
        null::uuid as institution_key,
        versions.start_date as valid_from,
        versions.end_date + 1 as ended_date,
        true as is_dated,
        versions._is_deleted as is_deleted,
        (versions._published_at at time zone agencies.time_zone)::date as known_from,
        versions._event_id,
        versions._released_seq
    from versions
    inner join agencies on versions._agency_code = agencies.agency_code
    where versions._version >= 0
)

select * from stated
