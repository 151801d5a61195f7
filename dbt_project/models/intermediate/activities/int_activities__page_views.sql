with

page_views as (
    select * from {{ ref('stg_oulad__student_vle') }}
),

starts as (
    {{ starts_by_letter() }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

dated as (
    select
        page_views.agency_code,
        'oulad__student_vle' as source_entity,
        page_views.record_id,
        persons.learner_key,
        {{ surrogate_key(['page_views.agency_code', 'page_views.module_code']) }} as programme_key,
        'page_view' as activity_kind_code,
        {{ presentation_day('page_views.presentation_code', 'starts', 'page_views.active_day') }} as activity_date,
        page_views.clicks,
        null::double precision as duration_minutes,
        page_views._event_id,
        page_views._released_seq
    from page_views
    cross join starts
    inner join persons
        on page_views.agency_code = persons.agency_code
        and persons.source_name = 'oulad'
        and page_views.student_id_oulad = persons.person_id_agency
    where {{ starts_on_a_known_day('page_views.presentation_code', 'starts') }}
),

-- without a day nothing can be said of any period
placed as (
    select * from dated where activity_date is not null
)

select * from placed
