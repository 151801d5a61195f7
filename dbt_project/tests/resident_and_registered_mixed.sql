-- A ratio on residents has residents below the line, one by origin registered persons: the two bases never mix.
with

populations as (
    select realm, base_code, to_char(reference_date, 'YYYY') as period, sum(persons) as persons
    from {{ ref('int_population__age_groups') }}
    where age_group_code = '18_22'
    group by realm, base_code, to_char(reference_date, 'YYYY')
)

select ratios.method, ratios.realm, ratios.period, ratios.denominator
from {{ ref('ind_gross_enrolment_higher_education') }} as ratios
left join populations
    on ratios.realm = populations.realm
    and ratios.period = populations.period
    and populations.base_code = case ratios.method when 'cn_provincial_origin' then 'registered' else 'resident' end
where ratios.status = 'published' and ratios.denominator is distinct from populations.persons::double precision
