with

enrollments as (
    select * from {{ ref('stg_oneroster__enrollments') }}
),

classes as (
    select * from {{ ref('stg_oneroster__classes') }}
),

-- an enrolment without dates of its own lasts as long as the terms of its class
class_terms as (
    select * from {{ ref('int_enrolments__class_terms') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

pupils as (
    select
        enrollments.agency_code,
        'oneroster__enrollments' as source_entity,
        enrollments.record_id,
        persons.learner_key,
        {{ surrogate_key(['enrollments.agency_code', 'enrollments.org_id_oneroster']) }} as institution_key,
        case
            when classes.course_id_oneroster is not null
                then {{ surrogate_key(['classes.agency_code', 'classes.course_id_oneroster']) }}
        end as programme_key,
        'not_reported' as outcome_code,
        null::date as registered_date,
        coalesce(enrollments.started_date, class_terms.started_date) as started_date,
        coalesce(enrollments.ended_date, class_terms.ended_date) as ended_date,
        enrollments._event_id,
        enrollments._released_seq
    from enrollments
    inner join persons
        on enrollments.agency_code = persons.agency_code
        and persons.source_name = 'oneroster'
        and enrollments.user_id_oneroster = persons.person_id_agency
    left join classes
        on enrollments.agency_code = classes.agency_code
        and enrollments.class_id_oneroster = classes.class_id_oneroster
    left join class_terms
        on enrollments.agency_code = class_terms.agency_code
        and enrollments.class_id_oneroster = class_terms.class_id_oneroster
    where enrollments.role_code = 'student'
)

select * from pupils
