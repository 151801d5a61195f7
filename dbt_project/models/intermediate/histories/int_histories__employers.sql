-- No steps: with one, the view would be planned by itself, and a build that looks for a few records would read all.
-- offices number spells, not persons: a spell is one statement with days of its own
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
from {{ ref('base_hr__employments__versions') }} as versions
inner join {{ ref('dim_agency') }} as agencies on versions._agency_code = agencies.agency_code
where versions._version >= 0
