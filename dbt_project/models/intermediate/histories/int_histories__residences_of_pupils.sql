-- No steps: with one, the view would be planned by itself, and a build that looks for a few records would read all.
-- a register of users is undated: an address holds from the day the source dates the version with
select
    versions._agency_code as agency_code,
    'oneroster__users' as source_entity,
    versions._record_id as record_id,
    versions._version as version,
    'oneroster' as source_name,
    versions._record_id as person_id_agency,
    'residence' as attribute_code,
    versions.residence_division as value_code,
    null::uuid as institution_key,
    (versions._stated_at at time zone agencies.time_zone)::date as valid_from,
    null::date as ended_date,
    false as is_dated,
    versions._is_deleted as is_deleted,
    (versions._published_at at time zone agencies.time_zone)::date as known_from,
    versions._event_id,
    versions._released_seq
from {{ ref('base_oneroster__users__versions') }} as versions
inner join {{ ref('dim_agency') }} as agencies on versions._agency_code = agencies.agency_code
where versions._version >= 0
