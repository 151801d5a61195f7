with

enrolments as (
    select * from {{ ref('stg_senior__enrolments') }}
),

seasons as (
    select * from {{ ref('term_seasons') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- a term is a year and a season; the register has no dates of terms, so they are those of the season
placed as (
    select
        enrolments.*,
        make_date(terms.term_year, seasons.begins_month, seasons.begins_day) as term_started_date,
        make_date(terms.term_year + seasons.is_ending_next_year::integer, seasons.ends_month, seasons.ends_day)
            as term_ended_date
    from enrolments
    cross join lateral (
        select
            substring(enrolments.term_code from '^([12][0-9]{3})-')::integer as term_year,
            split_part(enrolments.term_code, '-', 2) as season_code
    ) as terms
    left join seasons on terms.season_code = seasons.season_code
),

-- whoever enrols early begins with the term; of who left in between only the term is known
students as (
    select
        placed.agency_code,
        'senior__enrolments' as source_entity,
        placed.record_id,
        persons.learner_key,
        {{ surrogate_key(['placed.agency_code', 'placed.school_code']) }} as institution_key,
        {{ surrogate_key(['placed.agency_code', 'placed.school_code', 'placed.course_code']) }} as programme_key,
        case
            when placed.status_code in ('completed', 'withdrawn', 'suspended') then placed.status_code
            else 'not_reported'
        end as outcome_code,
        placed.enrolled_date as registered_date,
        greatest(placed.enrolled_date, placed.term_started_date) as started_date,
        case
            when placed.term_ended_date is not null
                then greatest(placed.term_ended_date, placed.enrolled_date, placed.term_started_date)
        end as ended_date,
        placed._event_id,
        placed._released_seq
    from placed
    inner join persons
        on placed.agency_code = persons.agency_code
        and persons.source_name = 'senior'
        and concat_ws('|', placed.school_code, placed.student_card_no_senior) = persons.person_id_agency
)

select * from students
