-- The shares of a field's graduates over occupations are a whole on every day: one, no more and no less.
with

crosswalk as (
    select * from {{ ref('field_occupations') }}
),

days as (
    select distinct isced_f_broad_code, valid_from as as_of from crosswalk
)

select days.isced_f_broad_code, days.as_of, sum(crosswalk.share) as share
from days
inner join crosswalk
    on days.isced_f_broad_code = crosswalk.isced_f_broad_code
    and crosswalk.valid_from <= days.as_of
    and (crosswalk.valid_to is null or days.as_of < crosswalk.valid_to)
group by days.isced_f_broad_code, days.as_of
having sum(crosswalk.share) <> 1
