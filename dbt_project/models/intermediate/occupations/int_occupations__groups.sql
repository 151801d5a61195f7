with

majors as (
    select * from {{ ref('occupation_majors') }}
),

crosswalk as (
    select * from {{ ref('occupation_crosswalk') }}
),

-- a group of another scheme is read as the one national group it mainly overlaps, or as none
groups as (
    select
        majors.occupation_scheme_code,
        majors.occupation_major_code,
        case majors.occupation_scheme_code
            when 'GBT6565' then majors.occupation_major_code
            when 'ISCO08' then crosswalk.gbt6565_major_code
        end as occupation_major_gbt6565_code
    from majors
    left join crosswalk
        on majors.occupation_scheme_code = 'ISCO08'
        and majors.occupation_major_code = crosswalk.isco08_major_code
        and crosswalk.is_main
)

select * from groups
