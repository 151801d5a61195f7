-- zh: 2021年名单上的山区26县与其他县的差距在缩小吗？
-- en: Is the gap between the 26 mountain counties of 2021 and the rest closing?
select
    d.name_zh, d.name_en, m.period, m.value as mountain_counties, r.value as other_counties,
    m.value - r.value as gap, m.unit
from mart.current_indicator_value as m
inner join mart.current_indicator_value as r
    on m.indicator_code = r.indicator_code
    and m.method = r.method
    and m.realm = r.realm
    and m.area_code = r.area_code
    and m.period = r.period
    and m.dimension = r.dimension
inner join mart.indicator_definition as d
    on m.indicator_code = d.indicator_code
    and m.method = d.method
    and m.definition_version = d.definition_version
where m.realm = 'simulated'
    and m.indicator_code in ('mean_years_schooling', 'small_school_share', 'pupil_teacher_ratio')
    and m.area_code = '330000'
    and m.dimension = 'county_group_fixed'
    and m.member = 'mountain26'
    and r.member = 'rest'
    and m.status = 'published'
    and r.status = 'published'
order by d.name_en, m.method, m.period;
