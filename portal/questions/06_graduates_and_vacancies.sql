-- zh: 哪些专业领域的毕业生多于相应的岗位？
-- en: In which fields of education are there more graduates than vacancies?
select
    m.name_zh, m.name_en, v.period, v.value as graduates_per_vacancy, v.numerator as graduates,
    v.denominator as vacancies, v.status
from mart.current_indicator_value as v
left join mart.dimension_member as m on v.dimension = m.dimension and v.member = m.member
where v.indicator_code = 'graduates_to_vacancies'
    and v.realm = 'simulated'
    and v.area_code = '330000'
    and v.dimension = 'field'
    and v.period = (
        select max(period) from mart.current_indicator_value
        where indicator_code = 'graduates_to_vacancies'
            and realm = 'simulated'
            and dimension = 'field'
    )
order by v.value desc nulls last, v.member;
