-- More participants than residents: numerator and denominator are not of one population.
select indicator_code, method, area_code, period, dimension, member, numerator, denominator
from {{ ref('indicator_candidate') }}
where indicator_code in (
    'digital_learning_reach', 'lifelong_learning_participation', 'participation_by_formality',
    'participation_by_sector', 'senior_participation'
)
and numerator > denominator
