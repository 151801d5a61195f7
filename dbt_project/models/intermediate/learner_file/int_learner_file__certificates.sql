with

certificates as (
    select * from {{ ref('fct_skill_certificate') }}
),

majors as (
    select * from {{ ref('occupation_majors') }}
),

-- the register knows what a certificate is for by codes alone
held as (
    select
        certificates.learner_key,
        'certificate' as kind_code,
        certificates.issued_date as begun_date,
        certificates.ended_date,
        concat_ws(' ', certificates.certificate_kind_code, certificates.occupation_code, majors.name_zh) as title,
        null::uuid as institution_key,
        certificates.issuer_uscc as institution_name,
        certificates.skill_level_source as result_code,
        null::double precision as score_pct,
        null::double precision as learning_hours,
        null::double precision as credits,
        certificates.agency_code,
        certificates.source_entity,
        certificates.record_id,
        certificates._event_id,
        certificates._released_seq
    from certificates
    left join majors
        on majors.occupation_scheme_code = 'GBT6565'
        and certificates.occupation_major_code = majors.occupation_major_code
)

select * from held
