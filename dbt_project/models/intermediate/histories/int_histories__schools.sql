-- No steps: with one, the view would be planned by itself, and a build that looks for a few records would read all.
-- only the first role of a pupil is the school; another role, also of the same record later, states no school
select
    versions._agency_code as agency_code,
    'oneroster__roles' as source_entity,
    versions._record_id as record_id,
    versions._version as version,
    'oneroster' as source_name,
    versions.user_sourced_id as person_id_agency,
    'school' as attribute_code,
    case when versions.role = 'student' and versions.role_type = 'primary' then versions.org_sourced_id end
        as value_code,
    case
        when versions.org_sourced_id is not null
            then {{ surrogate_key(['versions._agency_code', 'versions.org_sourced_id']) }}
    end as institution_key,
    coalesce(versions.begin_date, (versions._stated_at at time zone agencies.time_zone)::date) as valid_from,
    versions.end_date as ended_date,
    true as is_dated,
    versions._is_deleted as is_deleted,
    (versions._published_at at time zone agencies.time_zone)::date as known_from,
    versions._event_id,
    versions._released_seq
from {{ ref('base_oneroster__roles__versions') }} as versions
inner join {{ ref('dim_agency') }} as agencies on versions._agency_code = agencies.agency_code
where versions._version >= 0
