with

statements as (
    select * from {{ ref('stg_xapi__statements') }}
),

events as (
    select * from {{ ref('stg_caliper__events') }}
),

-- learning systems name courses by their address alone
addressed as (
    select agency_code, split_part(grouping_iris, ' ', 1) as course_iri
    from statements
    where grouping_iris is not null
    union
    select agency_code, group_iri as course_iri
    from events
    where group_iri is not null
),

courses as (
    select
        {{ surrogate_key(['agency_code', 'course_iri']) }} as programme_key,
        agency_code,
        course_iri as programme_id_agency,
        'online_course' as programme_kind_code,
        null as programme_category_code,
        null as grade_codes,
        null as subject_codes,
        course_iri as programme_name
    from addressed
)

select * from courses
