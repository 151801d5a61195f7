with

certificates as (
    select * from {{ ref('stg_hr__skill_certificates') }}
),

levels as (
    select * from {{ ref('skill_levels') }}
),

majors as (
    select * from {{ ref('occupation_majors') }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

-- titles (职称) and special abilities (专项能力) use words of the same list but are no skill grades
ranked as (
    select
        certificates.agency_code,
        'hr__skill_certificates' as source_entity,
        certificates.record_id,
        persons.learner_key,
        certificates.certificate_kind_code,
        certificates.occupation_code,
        majors.occupation_major_code,
        certificates.skill_level_code as skill_level_source,
        levels.skill_scheme_code,
        levels.skill_rank,
        -- 高技能人才: third national grade and above
        levels.skill_rank >= 3 as is_high_skilled,
        certificates.issuer_uscc,
        certificates.issued_date,
        certificates.revoked_date,
        -- valid through its last day, but no day from its revocation on; revoked before issue: an empty span
        case
            when coalesce(certificates.revoked_date, certificates.valid_to_date) is not null
                then greatest(
                    least(certificates.revoked_date, certificates.valid_to_date + 1), certificates.issued_date
                )
        end as ended_date,
        certificates._event_id,
        certificates._released_seq
    from certificates
    inner join persons
        on certificates.agency_code = persons.agency_code
        and persons.source_name = 'hr'
        and 'hr__skill_certificates|' || certificates.record_id = persons.person_id_agency
    left join levels
        on trim(certificates.skill_level_code) = levels.skill_level_source
        and certificates.certificate_kind_code in ('职业资格', '职业技能等级')
    left join majors
        on majors.occupation_scheme_code = 'GBT6565'
        and left(certificates.occupation_code, 1) = majors.occupation_major_code
)

select * from ranked
