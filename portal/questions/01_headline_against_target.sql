-- zh: 全省的主要指标离规划目标还差多少？
-- en: How far are the province's headline indicators from their targets?
select
    d.name_zh, d.name_en, v.period, v.value, t.target_value, t.unit, t.target_year, t.direction,
    case t.direction
        when 'at_least' then t.target_value - v.value
        else v.value - t.target_value
    end as still_to_go,
    t.document_title
from mart.target as t
inner join mart.indicator_definition as d
    on t.indicator_code = d.indicator_code and t.method = d.method
inner join lateral (
    select period, value
    from mart.current_indicator_value
    where indicator_code = t.indicator_code
        and method = t.method
        and realm = t.realm
        and area_code = t.area_code
        and dimension = 'total'
        and status = 'published'
        and definition_version = d.definition_version
    order by period desc
    limit 1
) as v on true
where t.realm = 'simulated' and t.area_code = '330000'
order by still_to_go desc, d.name_en;
