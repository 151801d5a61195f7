-- A county's pupil or teacher is one of the province, too: a province below its largest county lost somebody.
select counties.realm, counties.area_code, counties.period, counties.dimension, counties.member
from {{ ref('ind_pupil_teacher_ratio') }} as counties
inner join {{ ref('ind_pupil_teacher_ratio') }} as province
    on counties.method = province.method
    and counties.realm = province.realm
    and counties.period = province.period
    and counties.dimension = province.dimension
    and counties.member = province.member
    and province.area_level = 'province'
where counties.numerator > province.numerator or counties.denominator > province.denominator
