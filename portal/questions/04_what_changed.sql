-- zh: 最近一次发布改了多少已发布的数字，为什么？
-- en: How many numbers did the last release change, and why?
select
    d.subject, n.indicator_code, d.name_zh, d.name_en, n.numbers,
    count(r.indicator_code) as changed,
    count(*) filter (where r.why = 'data') as because_of_data,
    count(*) filter (where r.why = 'definition') as because_of_a_definition,
    count(*) filter (where r.why = 'models') as because_of_models
from (
    select indicator_code, method, realm, max(definition_version) as definition_version, count(*) as numbers
    from mart.current_indicator_value
    where realm = 'simulated'
    group by indicator_code, method, realm
) as n
inner join mart.indicator_definition as d
    on n.indicator_code = d.indicator_code
    and n.method = d.method
    and n.definition_version = d.definition_version
left join mart.revision as r
    on n.indicator_code = r.indicator_code
    and n.method = r.method
    and n.realm = r.realm
    and r.release_id = (select release_id from mart.current_release)
group by d.subject, n.indicator_code, n.method, d.name_zh, d.name_en, n.numbers
order by changed desc, d.subject, n.indicator_code, n.method
limit 40;
