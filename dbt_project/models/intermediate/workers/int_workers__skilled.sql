with

employed as (
    select * from {{ ref('int_workers__employed') }}
),

certificates as (
    select * from {{ ref('fct_skill_certificate') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

reference_dates as (
    select distinct realm, reference_date from employed
),

-- the highest grade in force on the day; titles and special abilities have no rank
ranks as (
    select
        reference_dates.realm,
        reference_dates.reference_date,
        certificates.learner_key,
        max(certificates.skill_rank) as skill_rank
    from certificates
    inner join agencies on certificates.agency_code = agencies.agency_code
    inner join reference_dates
        on agencies.realm = reference_dates.realm
        and certificates.issued_date <= reference_dates.reference_date
        and (certificates.ended_date is null or reference_dates.reference_date < certificates.ended_date)
    where certificates.skill_rank is not null
    group by reference_dates.realm, reference_dates.reference_date, certificates.learner_key
),

-- members of sex in every area, the other breakdowns for the province alone
counted as (
    select
        employed.realm,
        employed.reference_date,
        members.division_code,
        members.prefecture_code,
        members.dimension,
        members.member,
        count(*) filter (where employed.is_linked) as employed,
        count(*) filter (where employed.is_linked and ranks.skill_rank >= 1) as skilled,
        count(*) filter (where employed.is_linked and ranks.skill_rank >= 3) as high_skilled,
        count(*) filter (where not employed.is_linked) as unlinked_persons
    from employed
    left join ranks
        on employed.realm = ranks.realm
        and employed.reference_date = ranks.reference_date
        and employed.learner_key = ranks.learner_key
    cross join lateral (
        values
        ('total', 'total', employed.division_code, employed.prefecture_code),
        ('sex', employed.sex_code, employed.division_code, employed.prefecture_code),
        ('age_band', employed.age_band_code, null, null),
        ('industry_section', employed.industry_section_code, null, null),
        ('occupation', employed.occupation_major_code, null, null)
    ) as members (dimension, member, division_code, prefecture_code)
    group by
        employed.realm, employed.reference_date, members.division_code, members.prefecture_code, members.dimension,
        members.member
)

select * from counted
