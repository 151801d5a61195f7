with recursive

orgs as (
    select * from {{ ref('stg_oneroster__orgs') }}
),

-- an own code makes a school; without one, and under a school, it is a teaching point of that school
roots as (
    select orgs.agency_code, orgs.org_id_oneroster
    from orgs
    left join orgs as parents
        on orgs.agency_code = parents.agency_code
        and orgs.parent_org_id_oneroster = parents.org_id_oneroster
        and orgs.org_id_oneroster <> parents.org_id_oneroster
    where orgs.org_kind_code = 'school'
        and (orgs.institution_code_moe is not null or coalesce(parents.org_kind_code, '') <> 'school')
),

rolled_up as (
    select agency_code, org_id_oneroster, org_id_oneroster as root_org_id_oneroster
    from roots
    -- an org has one parent, so no row is met twice
    union all
    select orgs.agency_code, orgs.org_id_oneroster, rolled_up.root_org_id_oneroster
    from rolled_up
    inner join orgs
        on rolled_up.agency_code = orgs.agency_code
        and rolled_up.org_id_oneroster = orgs.parent_org_id_oneroster
    left join roots
        on orgs.agency_code = roots.agency_code and orgs.org_id_oneroster = roots.org_id_oneroster
    where roots.org_id_oneroster is null
)

select * from rolled_up
