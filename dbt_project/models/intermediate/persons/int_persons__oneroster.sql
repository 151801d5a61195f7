with

users as (
    select * from {{ ref('stg_oneroster__users') }}
),

demographics as (
    select * from {{ ref('stg_oneroster__demographics') }}
),

-- a school register keeps the family's address
persons as (
    select
        users.agency_code,
        'oneroster' as source_name,
        'oneroster__users' as source_entity,
        users.record_id,
        users.user_id_oneroster as person_id_agency,
        users._person_key as person_key,
        users._id_status as id_status_code,
        demographics.birth_date,
        case
            when demographics.sex_code in ('male', 'female') then demographics.sex_code
            when demographics.sex_code = 'other' or demographics.sex_code like 'ext:%' then 'other'
        end as sex_code,
        users.residence_division_code,
        false as is_residence_asked,
        users._event_id
    from users
    left join demographics
        on users.agency_code = demographics.agency_code
        and users.user_id_oneroster = demographics.user_id_oneroster
)

select * from persons
