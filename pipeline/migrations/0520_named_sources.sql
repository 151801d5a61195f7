-- A note may name several sources ("sources a, b and c"), and one that says no source delivers names none.

create or replace view mart.data_gap as
select
    v.indicator_code,
    v.method,
    v.realm,
    v.area_code,
    v.area_level,
    v.period,
    v.dimension,
    v.member,
    d.name_zh,
    d.name_en,
    coalesce(v.status_note, d.missing_return) as missing_return,
    array(
        select distinct named.source
        from
            regexp_matches(
                coalesce(v.status_note, d.missing_return),
                '(?<!no )\msources? ([a-z][a-z0-9_.]*(?:(?:,? and |,? or |,? )[a-z][a-z0-9_.]*)*) ?(?=[;)]|$)', 'g'
            ) as found,
            regexp_split_to_table(found[1], ',? and |,? or |,? ') as named (source)
        order by 1
    ) as send_to_sources
from mart.current_indicator_value as v
left join mart.indicator_definition as d
    on v.indicator_code = d.indicator_code
    and v.method = d.method
    and v.definition_version = d.definition_version
where v.status = 'needs_input';
