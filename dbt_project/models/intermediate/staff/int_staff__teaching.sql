with

roles as (
    select * from {{ ref('stg_oneroster__roles') }}
),

enrollments as (
    select * from {{ ref('stg_oneroster__enrollments') }}
),

class_terms as (
    select * from {{ ref('int_enrolments__class_terms') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- a head who teaches a class has the role of a head and an enrolment as teacher
stated as (
    select
        agency_code,
        'oneroster__roles' as source_entity,
        record_id,
        user_id_oneroster,
        org_id_oneroster,
        role_kind_code = 'primary' as is_primary,
        started_date,
        ended_date,
        _event_id
    from roles
    where role_code = 'teacher'
    union all
    select
        enrollments.agency_code,
        'oneroster__enrollments' as source_entity,
        enrollments.record_id,
        enrollments.user_id_oneroster,
        enrollments.org_id_oneroster,
        false as is_primary,
        coalesce(enrollments.started_date, class_terms.started_date) as started_date,
        coalesce(enrollments.ended_date, class_terms.ended_date) as ended_date,
        enrollments._event_id
    from enrollments
    left join class_terms
        on enrollments.agency_code = class_terms.agency_code
        and enrollments.class_id_oneroster = class_terms.class_id_oneroster
    where enrollments.role_code = 'teacher'
),

teaching as (
    select
        stated.agency_code,
        stated.source_entity,
        stated.record_id,
        persons.learner_key,
        persons.is_linked,
        {{ surrogate_key(['stated.agency_code', 'stated.org_id_oneroster']) }} as institution_key,
        stated.is_primary,
        stated.started_date,
        stated.ended_date,
        stated._event_id
    from stated
    inner join persons
        on stated.agency_code = persons.agency_code
        and persons.source_name = 'oneroster'
        and stated.user_id_oneroster = persons.person_id_agency
)

select * from teaching
