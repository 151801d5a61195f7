with

results as (
    select * from {{ ref('stg_oneroster__results') }}
),

line_items as (
    select * from {{ ref('stg_oneroster__line_items') }}
),

classes as (
    select * from {{ ref('stg_oneroster__classes') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- schools report marks, not what it takes to pass; a mark without a highest value has no share of anything
marked as (
    select
        results.agency_code,
        'oneroster__results' as source_entity,
        results.record_id,
        persons.learner_key,
        case
            when classes.course_id_oneroster is not null
                then {{ surrogate_key(['classes.agency_code', 'classes.course_id_oneroster']) }}
        end as programme_key,
        'assessment' as outcome_kind_code,
        'not_reported' as outcome_code,
        false as is_banked,
        100 * (results.score - coalesce(line_items.lowest_score, 0))
        / nullif(line_items.highest_score - coalesce(line_items.lowest_score, 0), 0) as score_pct,
        null::double precision as learning_hours,
        results.scored_date as awarded_date,
        results._event_id,
        results._released_seq
    from results
    inner join persons
        on results.agency_code = persons.agency_code
        and persons.source_name = 'oneroster'
        and results.user_id_oneroster = persons.person_id_agency
    left join line_items
        on results.agency_code = line_items.agency_code
        and results.line_item_id_oneroster = line_items.line_item_id_oneroster
    left join classes
        on line_items.agency_code = classes.agency_code
        and line_items.class_id_oneroster = classes.class_id_oneroster
    -- exempt, not handed in or still being marked is no result
    where results.score_status_code = 'fully graded'
)

select * from marked
