with

versions as (
    select * from {{ ref('base_oneroster__roles__versions') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

-- only the first role of a pupil is the school; another role, also of the same record later, states no school
stated as (
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
    from versions
    inner join agencies on versions._agency_code = agencies.agency_code
    where versions._version >= 0
)

select * from stated
