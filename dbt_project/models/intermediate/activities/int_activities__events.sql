with

events as (
    select * from {{ ref('stg_caliper__events') }}
),

actions as (
    select * from {{ ref('learning_actions') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- what teachers and machines do is no learning; a view is one click
done as (
    select
        events.agency_code,
        'caliper__events' as source_entity,
        events.record_id,
        persons.learner_key,
        case
            when events.group_iri is not null then {{ surrogate_key(['events.agency_code', 'events.group_iri']) }}
        end as programme_key,
        coalesce(actions.activity_kind_code, 'other') as activity_kind_code,
        (events.done_at at time zone agencies.time_zone)::date as activity_date,
        case when actions.activity_kind_code = 'page_view' then 1 end as clicks,
        null::double precision as duration_minutes,
        events._event_id,
        events._released_seq
    from events
    inner join agencies on events.agency_code = agencies.agency_code
    inner join persons
        on events.agency_code = persons.agency_code
        and persons.source_name = 'caliper'
        and events.actor_id_caliper = persons.person_id_agency
    left join actions on actions.source_name = 'caliper' and events.event_type_code = actions.action
    where events.actor_type_code = 'Person'
        and (events.role_codes is null or events.role_codes like '%Learner%')
)

select * from done
