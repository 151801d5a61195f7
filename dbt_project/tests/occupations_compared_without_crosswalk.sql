-- Occupations of two classifications meet only through a pair of core.occupation_crosswalk.
select spells.employment_key
from {{ ref('fct_employment_spell') }} as spells
left join {{ ref('occupation_crosswalk') }} as crosswalk
    on spells.occupation_major_code = crosswalk.isco08_major_code
    and spells.occupation_major_gbt6565_code = crosswalk.gbt6565_major_code
    and crosswalk.is_main
where spells.occupation_major_gbt6565_code is not null
    and spells.occupation_scheme_code <> 'GBT6565'
    and crosswalk.isco08_major_code is null
