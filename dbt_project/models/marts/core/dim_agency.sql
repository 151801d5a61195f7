with

agencies as (
    select * from {{ source('registry', 'agencies') }}
),

described as (
    select
        agency_code,
        sector_code,
        source_name,
        area_code,
        -- the real and the simulated never meet, and an agency outside the province belongs to neither
        case area_code when 'province' then 'real' when 'simulated' then 'simulated' end as realm,
        time_zone,
        agency_name_zh,
        agency_name_en
    from agencies
)

select * from described
