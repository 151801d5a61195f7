with

statements as (
    select * from {{ ref('stg_xapi__statements') }}
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

-- a view is one click; what no list names is kept as other, and counts as nothing until somebody reads it
done as (
    select
        statements.agency_code,
        'xapi__statements' as source_entity,
        statements.record_id,
        persons.learner_key,
        case
            when statements.grouping_iris is not null
                then {{ surrogate_key(['statements.agency_code', "split_part(statements.grouping_iris, ' ', 1)"]) }}
        end as programme_key,
        coalesce(actions.activity_kind_code, 'other') as activity_kind_code,
        (statements.done_at at time zone agencies.time_zone)::date as activity_date,
        case when actions.activity_kind_code = 'page_view' then 1 end as clicks,
        statements.duration_minutes::double precision as duration_minutes,
        statements._event_id,
        statements._released_seq
    from statements
    inner join agencies on statements.agency_code = agencies.agency_code
    inner join persons
        on statements.agency_code = persons.agency_code
        and persons.source_name = 'xapi'
        and statements.actor_id_xapi = persons.person_id_agency
    left join actions on actions.source_name = 'xapi' and statements.verb_iri = actions.action
)

select * from done
