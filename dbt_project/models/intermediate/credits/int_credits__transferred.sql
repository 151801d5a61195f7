with

enrolments as (
    select * from {{ ref('stg_credit_bank__cross_enrolments') }}
    where status_code = 'completed' and credits_awarded > 0
),

courses as (
    select * from {{ ref('stg_credit_bank__shared_courses') }}
),

outcomes as (
    select * from {{ ref('stg_credit_bank__learning_outcomes') }} where stacks_into_id is not null
),

deposited as (
    select * from {{ ref('int_credits__deposited') }} where not is_elsewhere
),

persons as (
    select * from {{ ref('int_persons__resolved') }} where source_name = 'credit_bank'
),

-- an outcome of the same holder that counts towards the course shows the same learning: it must not count twice
shown_by as (
    select distinct on (
        outcomes.agency_code, coalesce(deposited.learner_key, persons.learner_key), outcomes.stacks_into_id
    )
        outcomes.agency_code,
        coalesce(deposited.learner_key, persons.learner_key) as learner_key,
        outcomes.stacks_into_id as course_code,
        outcomes.outcome_id_credit_bank,
        outcomes.record_id as outcome_record_id,
        outcomes.valid_to_date,
        outcomes.revoked_date,
        outcomes._event_id
    from outcomes
    inner join persons
        on outcomes.agency_code = persons.agency_code
        and 'credit_bank__learning_outcomes|' || outcomes.record_id = persons.person_id_agency
    left join deposited
        on outcomes.agency_code = deposited.agency_code
        and outcomes.outcome_id_credit_bank = deposited.outcome_id_credit_bank
    order by
        outcomes.agency_code, coalesce(deposited.learner_key, persons.learner_key), outcomes.stacks_into_id,
        outcomes.awarded_date, outcomes.outcome_id_credit_bank
),

transferred as (
    select
        enrolments.agency_code,
        enrolments.record_id,
        'cross_enrolments|' || enrolments.record_id as owner_id,
        persons.learner_key,
        courses.institution_code as teaching_institution_code,
        enrolments.home_institution_code,
        enrolments.course_code,
        enrolments.credits_awarded,
        coalesce(enrolments.ended_date, enrolments.enrolled_date) as transferred_date,
        shown_by.outcome_id_credit_bank,
        shown_by.outcome_record_id,
        shown_by.valid_to_date,
        shown_by.revoked_date,
        enrolments._event_id,
        shown_by._event_id as _outcome_event_id
    from enrolments
    inner join courses
        on enrolments.agency_code = courses.agency_code and enrolments.course_code = courses.course_code
    inner join persons
        on enrolments.agency_code = persons.agency_code
        and 'credit_bank__cross_enrolments|' || enrolments.record_id = persons.person_id_agency
    left join shown_by
        on enrolments.agency_code = shown_by.agency_code
        and persons.learner_key = shown_by.learner_key
        and enrolments.course_code = shown_by.course_code
)

select * from transferred
