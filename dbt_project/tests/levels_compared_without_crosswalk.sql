-- Levels of two frameworks meet only through a row of core.level_crosswalk: level 4 of one is not level 4 of another.
select levels.agency_code, levels.record_id
from {{ ref('outcome_level') }} as levels
left join {{ ref('level_crosswalk') }} as crosswalk
    on levels.framework_code = crosswalk.from_framework_code
    and levels.level_code = crosswalk.from_level_code
    and crosswalk.to_framework_code = 'isced_2011'
where levels.isced_level_ordinal is not null
    and levels.framework_code <> 'isced_2011'
    and crosswalk.to_level_code is null
