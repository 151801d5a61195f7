with

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

users as (
    select * from {{ ref('stg_oneroster__users') }}
),

demographics as (
    select * from {{ ref('stg_oneroster__demographics') }}
),

student_info as (
    select * from {{ ref('stg_oulad__student_info') }}
),

stated as (
    select
        users.agency_code,
        'oneroster' as source_name,
        users.user_id_oneroster as person_id_agency,
        demographics.birth_date,
        case
            when demographics.sex_code in ('male', 'female') then demographics.sex_code
            when demographics.sex_code = 'other' or demographics.sex_code like 'ext:%' then 'other'
        end as sex_code,
        users.residence_division_code
    from users
    left join demographics
        on users.agency_code = demographics.agency_code
        and users.user_id_oneroster = demographics.user_id_oneroster
    union all
    select
        agency_code,
        'oulad' as source_name,
        student_id_oulad as person_id_agency,
        birth_date,
        case gender_code when 'M' then 'male' when 'F' then 'female' end as sex_code,
        residence_division_code
    from student_info
),

-- where records differ the value most of them state holds, ties by sort order, so that arrival plays no part;
-- open universities ask adults where they live now, a school register keeps the family's address
agreed as (
    select
        persons.learner_key,
        bool_or(persons.is_linked) as is_linked,
        count(distinct concat_ws('|', persons.agency_code, persons.person_id_agency)) as source_persons,
        mode() within group (order by stated.birth_date) as birth_date,
        mode() within group (order by stated.sex_code) as sex_code,
        coalesce(
            mode() within group (order by stated.residence_division_code)
            filter (where stated.source_name = 'oulad'),
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
