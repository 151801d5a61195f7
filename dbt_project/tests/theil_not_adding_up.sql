-- The differences between and within the parts of an area are all there are: they add up to its Theil index.
with

parts as (
    select realm, area_code, period, method, sum(value) as added_up
    from {{ ref('ind_education_theil_parts') }}
    where status = 'published'
    group by realm, area_code, period, method
)

select parts.*, totals.value
from parts
inner join {{ ref('ind_education_theil') }} as totals
    on parts.realm = totals.realm and parts.area_code = totals.area_code and parts.period = totals.period
where totals.dimension = 'total' and abs(parts.added_up - totals.value) > 1e-9
