-- No steps: with one, the view would be planned by itself, and a build that looks for a few records would read all.
-- whoever enrols says where he lives now; what a deleted record said of the person stands in its id
select
    versions._agency_code as agency_code,
    'senior__enrolments' as source_entity,
    versions._record_id as record_id,
    versions._version as version,
    'senior' as source_name,
    coalesce(
        versions.school_code || '|' || versions.student_card_no,
        split_part(versions._record_id, '|', 1) || '|' || split_part(versions._record_id, '|', -1)
    ) as person_id_agency,
    'residence' as attribute_code,
    versions.residence_division as value_code,
    null::uuid as institution_key,
    coalesce(versions.enrol_date, (versions._stated_at at time zone agencies.time_zone)::date) as valid_from,
    null::date as ended_date,
    true as is_dated,
    versions._is_deleted as is_deleted,
    (versions._published_at at time zone agencies.time_zone)::date as known_from,
    versions._event_id,
    versions._released_seq
from {{ ref('base_senior__enrolments__versions') }} as versions
inner join {{ ref('dim_agency') }} as agencies on versions._agency_code = agencies.agency_code
where versions._version >= 0
