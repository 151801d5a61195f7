-- zh: 乡村小规模学校的比例十年来怎样变化？
-- en: How has the share of small schools changed in villages and in cities?
select
    v.period,
    max(v.value) filter (where v.member = 'rural') as rural,
    max(v.value) filter (where v.member = 'town') as town,
    max(v.value) filter (where v.member = 'urban') as urban
from mart.current_indicator_value as v
where v.indicator_code = 'small_school_share'
    and v.method = 'returns_headcount'
    and v.realm = 'simulated'
    and v.area_code = '330000'
    and v.dimension = 'urban_rural'
    and v.status = 'published'
group by v.period
order by v.period;
