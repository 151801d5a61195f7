-- A Gini coefficient lies from 0 to 1 and a Theil index from 0 on; the points of a Lorenz curve add up to everything.
select indicator_code, realm, area_code, period, value
from {{ ref('ind_education_gini') }}
where value not between 0 and 1
union all
select indicator_code, realm, area_code, period, value
from {{ ref('ind_education_theil') }}
where value < 0
union all
select min(indicator_code) as indicator_code, realm, area_code, period, sum(value) as value
from {{ ref('ind_education_lorenz') }}
group by realm, area_code, period
having abs(sum(value) - 1) > 1e-9
