-- zh: 男女之间的差距在哪些指标上最大？
-- en: On which indicators are women and men furthest apart?
select
    d.name_zh, d.name_en, w.period, w.value as women, m.value as men, w.value - m.value as difference,
    w.value / nullif(m.value, 0) as ratio, w.unit
from mart.current_indicator_value as w
inner join mart.current_indicator_value as m
    on w.indicator_code = m.indicator_code
    and w.method = m.method
    and w.realm = m.realm
    and w.area_code = m.area_code
    and w.period = m.period
    and w.dimension = m.dimension
inner join mart.indicator_definition as d
    on w.indicator_code = d.indicator_code
    and w.method = d.method
    and w.definition_version = d.definition_version
where w.realm = 'simulated'
    and w.area_code = '330000'
    and w.period = '2025'
    and w.dimension = 'sex'
    and w.member = 'female'
    and m.member = 'male'
    and w.status = 'published'
    and m.status = 'published'
order by abs(w.value / nullif(m.value, 0) - 1) desc nulls last, d.name_en, w.method;
