with

orgs as (
    select * from {{ ref('stg_oneroster__orgs') }}
),

rolled_up as (
    select * from {{ ref('int_institutions__rolled_up') }}
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
        coalesce(rolled_up.root_org_id_oneroster = orgs.org_id_oneroster, false) as is_school,
        coalesce(rolled_up.root_org_id_oneroster <> orgs.org_id_oneroster, false) as is_teaching_point,
        orgs.org_name as institution_name,
        orgs._event_id
    from orgs
    left join rolled_up
        on orgs.agency_code = rolled_up.agency_code and orgs.org_id_oneroster = rolled_up.org_id_oneroster
)

select * from schools
