with

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

stated as (
    select * from {{ ref('int_persons__stated') }}
),

-- where records differ the value most of them state holds, ties by sort order, so that arrival plays no part;
-- where somebody was asked for the address it comes before one that a register keeps
agreed as (
    select
        persons.learner_key,
        bool_or(persons.is_linked) as is_linked,
        count(distinct concat_ws('|', persons.agency_code, persons.person_id_agency)) as source_persons,
        mode() within group (order by stated.birth_date) as birth_date,
        mode() within group (order by stated.sex_code) as sex_code,
        coalesce(
            mode() within group (order by stated.residence_division_code) filter (where stated.is_residence_asked),
            mode() within group (order by stated.residence_division_code)
        ) as residence_division_code
    from persons
    left join stated
        on persons.agency_code = stated.agency_code
        and persons.source_name = stated.source_name
        and persons.person_id_agency = stated.person_id_agency
    group by persons.learner_key
)

select * from agreed
