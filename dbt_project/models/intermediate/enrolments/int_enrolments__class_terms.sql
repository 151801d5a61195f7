with

classes as (
    select * from {{ ref('stg_oneroster__classes') }}
),

sessions as (
    select * from {{ ref('stg_oneroster__academic_sessions') }}
),

class_terms as (
    select
        classes.agency_code,
        classes.class_id_oneroster,
        min(sessions.started_date) as started_date,
        max(sessions.ended_date) as ended_date
    from classes
    cross join unnest(string_to_array(classes.session_ids_oneroster, ',')) as listed (session_id_oneroster)
    inner join sessions
        on classes.agency_code = sessions.agency_code
        and trim(listed.session_id_oneroster) = sessions.session_id_oneroster
    group by classes.agency_code, classes.class_id_oneroster
)

select * from class_terms
