-- No steps: with one, the view would be planned by itself, and a build that looks for a few records would read all.
-- whoever registers says where he lives: from the first day of the presentation on
select
    versions._agency_code as agency_code,
    'oulad__student_info' as source_entity,
    versions._record_id as record_id,
    versions._version as version,
    'oulad' as source_name,
    split_part(versions._record_id, '|', 3) as person_id_agency,
    'residence' as attribute_code,
    versions.cn_residence_division as value_code,
    null::uuid as institution_key,
    {{ presentation_day('versions.code_presentation', 'starts', '0') }} as valid_from,
    null::date as ended_date,
    true as is_dated,
    versions._is_deleted as is_deleted,
    (versions._published_at at time zone agencies.time_zone)::date as known_from,
    versions._event_id,
    versions._released_seq
from {{ ref('base_oulad__student_info__versions') }} as versions
inner join {{ ref('dim_agency') }} as agencies on versions._agency_code = agencies.agency_code
cross join ({{ starts_by_letter() }}) as starts
where versions._version >= 0
