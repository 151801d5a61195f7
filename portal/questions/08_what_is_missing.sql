-- zh: 哪些报表还没有收到，有多少数字在等它们？
-- en: Which returns are missing, and how many numbers wait for them?
select
    missing_return, send_to_sources, count(*) as numbers, count(distinct area_code) as areas,
    string_agg(distinct indicator_code, ', ' order by indicator_code) as indicators
from mart.data_gap
group by missing_return, send_to_sources
order by numbers desc, missing_return;
