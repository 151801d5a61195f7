-- Bounds beside a number, the meaning of every number as it was when it was published, and what is still missing.

alter table mart.indicator_value
    add column value_low double precision,
    add column value_high double precision,
    drop constraint withheld_shows_nothing,
    add constraint withheld_shows_nothing check (
        status = 'published'
        or (
            value is null and numerator is null and denominator is null and value_low is null and value_high is null
        )
    );

alter table mart.release add column project_digest text;  -- of the dbt project that made its numbers

create or replace view mart.current_indicator_value as
select v.*
from mart.indicator_value as v
inner join mart.current_release as c on v.release_id = c.release_id;

-- dbt made a view of this name before
drop view if exists mart.indicator_definition;

create table mart.indicator_definition (
    indicator_code text not null,
    method text not null,
    definition_version integer not null,
    name_zh text not null,
    name_en text not null,
    sentence_zh text not null,
    sentence_en text not null,
    formula text not null,
    source text not null,
    numerator text,
    denominator text,
    reference_date text,
    unit text not null,
    unit_of_count text not null,
    missing_return text,
    seed_table_1 text,                          -- row of the province's list of lifelong-learning indicators
    better text,
    first_release_id integer not null references mart.release,
    primary key (indicator_code, method, definition_version)
);

create view mart.data_gap as
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
        select distinct found[1]
        from regexp_matches(
            coalesce(v.status_note, d.missing_return), '\msource ([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)?)', 'g'
        ) as found
        order by 1
    ) as send_to_sources
from mart.current_indicator_value as v
left join mart.indicator_definition as d
    on v.indicator_code = d.indicator_code
    and v.method = d.method
    and v.definition_version = d.definition_version
where v.status = 'needs_input';

comment on view mart.data_gap is
'What the current release could not compute: the return that is missing (zh en) and the sources that take it in.';
