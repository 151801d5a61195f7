with

orgs as (
    select * from {{ ref('stg_oneroster__orgs') }}
),

rolled_up as (
    select * from {{ ref('int_institutions__rolled_up') }}
),

successors as (
    select * from {{ ref('int_divisions__successors') }}
),

agencies as (
    select * from {{ ref('dim_agency') }}
),

schools as (
    select
        {{ surrogate_key(['orgs.agency_code', 'orgs.org_id_oneroster']) }} as institution_key,
        {{ surrogate_key(['orgs.agency_code', 'coalesce(rolled_up.root_org_id_oneroster, orgs.org_id_oneroster)']) }}
            as root_institution_key,
        orgs.agency_code,
        orgs.org_id_oneroster as institution_id_agency,
        orgs.institution_code_moe,
        orgs.institution_code_uscc,
        orgs.org_kind_code as institution_kind_code,
        orgs.school_kind_code,
        orgs.urban_rural_code,
        orgs.ownership_code,
        orgs.division_code,
        coalesce(successors.successor_code, orgs.division_code) as current_division_code,
        coalesce(rolled_up.root_org_id_oneroster = orgs.org_id_oneroster, false) as is_school,
        coalesce(rolled_up.root_org_id_oneroster <> orgs.org_id_oneroster, false) as is_teaching_point,
        orgs.org_name as institution_name,
        orgs._event_id
    from orgs
    left join rolled_up
        on orgs.agency_code = rolled_up.agency_code and orgs.org_id_oneroster = rolled_up.org_id_oneroster
    left join successors on orgs.division_code = successors.division_code
),

-- an open university delivers learners, not organisations: it is one institution itself
open_universities as (
    select
        {{ surrogate_key(['agency_code']) }} as institution_key,
        {{ surrogate_key(['agency_code']) }} as root_institution_key,
        agency_code,
        agency_code as institution_id_agency,
        null as institution_code_moe,
        null as institution_code_uscc,
        'open_university' as institution_kind_code,
        '42' as school_kind_code,
        null as urban_rural_code,
        null as ownership_code,
        null as division_code,
        null as current_division_code,
        false as is_school,
        false as is_teaching_point,
        agency_name_zh as institution_name,
        null::uuid as _event_id
    from agencies
    where sector_code = 'open_university'
),

institutions as (
    select * from schools
    union all
    select * from open_universities
)

select * from institutions
