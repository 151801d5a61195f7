with

latest as (
    select * from {{ ref('base_hr__skill_certificates') }}
),

renamed as (
    select
        _agency_code as agency_code,
        _record_id as record_id,
        certificate_no as certificate_no_hr,
        certificate_kind as certificate_kind_code,
        occupation_code,
        skill_level as skill_level_code,
        issuer_uscc,
        case
            when lower(sex) in ('male', 'm', '男', '男性', '1') then 'male'
            when lower(sex) in ('female', 'f', '女', '女性', '2') then 'female'
            when sex is not null then 'unknown'
        end as sex_code,
        -- the five national grades count down, the chain of eight ranks of 2022 counts up: only the rank compares
        case
            when certificate_kind not in ('职业资格', '职业技能等级') then null
            when skill_level in ('0', '学徒工') then 0
            when skill_level in ('1', '初级工', '五级', '五级/初级工', '初级') then 1
            when skill_level in ('2', '中级工', '四级', '四级/中级工', '中级') then 2
            when skill_level in ('3', '高级工', '三级', '三级/高级工', '高级') then 3
            when skill_level in ('4', '技师', '二级', '二级/技师') then 4
            when skill_level in ('5', '高级技师', '一级', '一级/高级技师') then 5
            when skill_level in ('6', '特级技师') then 6
            when skill_level in ('7', '首席技师') then 7
        end as skill_rank,
        issue_date as issued_date,
        valid_to as valid_to_date,
        revoked_date,
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
