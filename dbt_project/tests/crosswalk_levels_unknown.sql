-- A pair of levels of which one is in no framework compares nothing: a slip in a code would pass unseen.
with

sides as (
    select from_framework_code as framework_code, from_level_code as level_code from {{ ref('level_crosswalk') }}
    union all
    select to_framework_code as framework_code, to_level_code as level_code from {{ ref('level_crosswalk') }}
)

select sides.framework_code, sides.level_code
from sides
left join {{ ref('framework_levels') }} as levels
    on sides.framework_code = levels.framework_code and sides.level_code = levels.level_code
where levels.level_code is null
