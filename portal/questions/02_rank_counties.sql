-- zh: 哪些县（市、区）的平均受教育年限最长？没有数字的是哪些？
-- en: In which counties is schooling longest, and which counties show no number?
with

latest as (
    select *
    from mart.current_indicator_value
    where indicator_code = 'mean_years_schooling'
        and method = 'census_3plus_jc16'
        and realm = 'simulated'
        and area_level = 'county'
        and dimension = 'total'
        and period = (
            select max(period) from mart.current_indicator_value
            where indicator_code = 'mean_years_schooling'
                and method = 'census_3plus_jc16'
                and realm = 'simulated'
                and area_level = 'county'
        )
)

select
    case when l.status = 'published' then rank() over (order by l.value desc nulls last) end as place,
    a.area_code, a.name_zh, a.name_en, l.period, l.value, coalesce(l.status, 'no number') as status
from mart.area as a
left join latest as l on a.area_code = l.area_code
where a.area_level = 'county' and a.valid_to is null
order by l.value desc nulls last, a.area_code;
