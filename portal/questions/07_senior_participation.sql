-- zh: 各设区市老年人的学习参与率是多少，可能的范围有多大？
-- en: What share of older people learns in each prefecture, and between which bounds?
select
    a.name_zh, a.name_en, v.period, v.method, v.value, v.value_low, v.value_high, v.coverage_pct, v.status
from mart.current_indicator_value as v
inner join mart.area as a on v.area_code = a.area_code
where v.indicator_code = 'senior_participation'
    and v.realm = 'simulated'
    and v.area_level in ('province', 'prefecture')
    and v.dimension = 'total'
    and v.period = (
        select max(period) from mart.current_indicator_value
        where indicator_code = 'senior_participation' and realm = 'simulated'
    )
order by v.method, v.area_level desc, v.value desc nulls last, a.area_code;
