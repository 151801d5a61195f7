with

latest as (
    select * from {{ ref('base_hr__employments') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        employment_id as employment_id_hr,
        employer_uscc,
        employment_form as employment_form_code,
        occupation_code,
        occupation_scheme as occupation_scheme_code,
        industry_code,
        workplace_division as workplace_division_code,
        record_status as record_status_code,
        case
            when lower(sex) in ('male', 'm', '男', '男性', '1') then 'male'
            when lower(sex) in ('female', 'f', '女', '女性', '2') then 'female'
            when sex is not null then 'unknown'
        end as sex_code,
        contract_hours,
        start_date as started_date,
        end_date as ended_date,
        birth_date,
        _source_modified_at as modified_at,
        _person_key,
        _id_status,
        _event_id,
        _batch_id,
        _released_seq
    from latest
    where not _is_deleted
)

select * from renamed
