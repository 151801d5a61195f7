with

institutions as (
    select * from {{ ref('dim_institution') }}
),

enrolments as (
    select * from {{ ref('fct_enrolment') }}
),

sessions as (
    select * from {{ ref('stg_oneroster__academic_sessions') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

divisions as (
    select * from {{ ref('dim_division') }}
),

bands as (
    select * from {{ ref('school_size_bands') }}
),

-- a bulk export shows the school year it was taken in; older years would only show who has stayed
school_years as (
    select
        sessions.agency_code,
        agencies.realm,
        max(sessions.school_year) - 1 as start_year
    from sessions
    inner join agencies on sessions.agency_code = agencies.agency_code
    where agencies.realm is not null
        and case when sessions.school_year between 1900 and 2999 then make_date(sessions.school_year - 1, 9, 1) end
        <= current_date
    group by sessions.agency_code, agencies.realm
),

dated as (
    select agency_code, realm, start_year, make_date(start_year, 9, 1) as reference_date
    from school_years
),

pupils as (
    select
        institutions.root_institution_key,
        count(distinct enrolments.learner_key) as pupils
    from enrolments
    inner join institutions on enrolments.institution_key = institutions.institution_key
    inner join dated on enrolments.agency_code = dated.agency_code
    where enrolments.source_entity = 'oneroster__enrollments'
        and coalesce(enrolments.started_date, '-infinity') <= dated.reference_date
        and dated.reference_date < coalesce(enrolments.ended_date, 'infinity')
    group by institutions.root_institution_key
),

schools as (
    select
        dated.realm,
        dated.start_year,
        dated.reference_date,
        divisions.division_code,
        divisions.prefecture_code,
        coalesce(pupils.pupils, 0) as pupils
    from institutions
    inner join dated on institutions.agency_code = dated.agency_code
    left join pupils on institutions.institution_key = pupils.root_institution_key
    left join divisions
        on institutions.current_division_code = divisions.division_code
        and divisions.valid_from <= dated.reference_date
        and (divisions.valid_to is null or dated.reference_date < divisions.valid_to)
    where institutions.is_school
),

-- a school whose division no list knows still is a school of the province
placed as (
    select
        schools.realm,
        schools.start_year,
        schools.reference_date,
        schools.pupils,
        areas.area_code,
        areas.area_level
    from schools
    cross join lateral (
        values
        (schools.division_code, 'county'),
        (schools.prefecture_code, 'prefecture'),
        ('330000', 'province')
    ) as areas (area_code, area_level)
    where areas.area_code is not null
),

counted as (
    select
        placed.realm,
        placed.start_year,
        placed.reference_date,
        placed.area_code,
        placed.area_level,
        bands.band_code,
        count(*) filter (
            where placed.pupils >= bands.least_pupils
                and (bands.most_pupils is null or placed.pupils <= bands.most_pupils)
        ) as schools_in_band,
        count(*) as schools
    from placed
    cross join bands
    group by
        placed.realm, placed.start_year, placed.reference_date, placed.area_code, placed.area_level, bands.band_code
),

indicator as (
    select
        'school_size_bands' as indicator_code,
        'active_pupils_1sep' as method,
        realm,
        area_code,
        area_level,
        start_year::text as period,
        'size_band' as dimension,
        band_code as member,
        null::text as in_groups,
        schools_in_band::double precision as value,
        schools_in_band::double precision as numerator,
        schools::double precision as denominator,
        null::double precision as value_low,
        null::double precision as value_high,
        null::double precision as coverage_pct,
        null::bigint as unlinked_persons,
        'published' as status,
        null::text as status_note,
        reference_date as as_of
    from counted
)

select * from indicator
