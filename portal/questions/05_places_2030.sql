-- zh: 到2030年各学段需要多少学位，把握有多大？
-- en: How many school places will each stage need in 2030, and how sure is that?
select
    m.name_zh, m.name_en, v.period, v.value as places, v.value_low as at_least, v.value_high as at_most,
    v.status_note as method_and_past_error
from mart.current_indicator_value as v
left join mart.dimension_member as m on v.dimension = m.dimension and v.member = m.member
where v.indicator_code = 'forecast_school_places'
    and v.realm = 'simulated'
    and v.area_code = '330000'
    and v.period = '2030'
    and v.status = 'published'
order by m.sort_order, v.member;
