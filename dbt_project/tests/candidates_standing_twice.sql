-- A slice with two values cannot be published: two returns of one year, or a join that doubles rows.
select indicator_code, method, realm, area_code, period, dimension, member, count(*) as candidates
from {{ ref('indicator_candidate') }}
group by indicator_code, method, realm, area_code, period, dimension, member
having count(*) > 1
