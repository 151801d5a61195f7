-- More participants than residents: numerator and denominator are not of one population.
select area_code, period, dimension, member, numerator, denominator
from {{ ref('ind_lifelong_learning_participation') }}
where numerator > denominator
