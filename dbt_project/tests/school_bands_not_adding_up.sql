-- Every school is in exactly one band, and in its county, prefecture and province.
select method, realm, area_code, period, sum(numerator) as schools_in_bands, max(denominator) as schools
from {{ ref('ind_school_size_bands') }}
where dimension = 'size_band'
group by method, realm, area_code, period
having sum(numerator) <> max(denominator)
