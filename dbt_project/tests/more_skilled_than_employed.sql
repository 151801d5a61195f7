-- The skilled are some of the employed, the highly skilled some of the skilled, and no breakdown has other people.
with

counted as (
    select * from {{ ref('int_workers__skilled') }}
),

sums as (
    select
        realm, reference_date, dimension, sum(employed) as employed, sum(skilled) as skilled,
        sum(high_skilled) as high_skilled
    from counted
    group by realm, reference_date, dimension
)

select parts.*
from sums as parts
inner join sums as totals
    on parts.realm = totals.realm and parts.reference_date = totals.reference_date and totals.dimension = 'total'
where parts.employed <> totals.employed or parts.skilled <> totals.skilled
    or parts.high_skilled > parts.skilled or parts.skilled > parts.employed
