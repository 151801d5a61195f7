{#
    The latest released version of every record of an entity, kept up to date release by release.

    The latest is the highest _version, never the order of arrival. Deleted records stay as tombstones
    (_is_deleted), and so do records whose rows are all gone from released (batch withdrawn, waiver lapsed):
    models above read here what they must take out. _released_seq is the highest sequence that touched the
    record, also by a row that left, so that a build from nothing gives the same number.

    Cost follows the change: only batches above the mark are read, and all versions of a record are read again
    only where one of them left. `also_indexed` names columns by which facts find a moved input's records.
#}
{% macro latest_released(source_name, entity, also_indexed=[]) %}
{%- set indexes = [{'columns': ['_agency_code', '_record_id'], 'unique': true}, {'columns': ['_released_seq']}] -%}
{%- for column in also_indexed -%}
    {%- do indexes.append({'columns': ['_agency_code', column]}) -%}
{%- endfor -%}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['_agency_code', '_record_id'],
    on_schema_change='append_new_columns',
    indexes=indexes,
) }}
{%- set released = source(source_name, entity) -%}
{#- made beside each released view, and of the same contract: no source of its own -#}
{%- set departed = released.incorporate(path={'identifier': released.identifier ~ '__departed'}) -%}
{%- set columns = adapter.get_columns_in_relation(released)
    | rejectattr('name', 'in', ['_released_seq', '_landed_at', '_batch_seq', '_replay_of']) | list if execute else [] -%}
{%- set held = adapter.get_columns_in_relation(this) | map(attribute='name') | list
    if execute and is_incremental() else [] -%}
{%- set names = columns | map(attribute='quoted') | join(', ') -%}
{%- set tombstone = {'_is_deleted': 'true', '_version': '-1', '_row_id': '-1', '_agency_code': '_agency_code',
    '_record_id': '_record_id'} -%}
{%- set marks = moved_since(source_name, entity, departed) -%}
with

bound as (
    select released_seq as upper from intermediate.build_bound
),

arrivals as (
    select {{ names }}, _released_seq
    from {{ released }}
    where _released_seq > {{ marks.lower }} and _released_seq <= (select upper from bound)
    {%- if marks.batches is not none %}
        and _batch_id = any(array[{% for id in marks.batches %}'{{ id }}'{{ ', ' if not loop.last }}{% endfor %}]::uuid[])
    {%- endif %}
),

{% if marks.is_left -%}
departures as (
    select _agency_code, _record_id, max(_released_seq) as _released_seq
    from {{ departed }}
    where _released_seq > {{ marks.lower }} and _released_seq <= (select upper from bound)
    group by _agency_code, _record_id
),

{% endif -%}
{% if is_incremental() -%}
kept as (
    select
        {% for column in columns -%}
        {{ column.quoted if column.name in held else 'null::' ~ column.data_type }},
        {% endfor -%}
        _released_seq
    from {{ this }}
    where (_agency_code, _record_id) in (select _agency_code, _record_id from arrivals)
        {%- if marks.is_left %}
        and (_agency_code, _record_id) not in (select _agency_code, _record_id from departures)
        {%- endif %}
),

{% if marks.is_left -%}
remaining as (
    select {{ names }}, _released_seq
    from {{ released }}
    where (_agency_code, _record_id) in (select _agency_code, _record_id from departures)
        and _released_seq <= {{ marks.lower }}
),

{% endif -%}
{% endif -%}
{% if marks.is_left -%}
tombstones as (
    select
        {% for column in columns -%}
        {{ tombstone.get(column.name, 'null') }}::{{ column.data_type }} as {{ column.quoted }},
        {% endfor -%}
        _released_seq
    from departures
),

{% endif -%}
candidates as (
    select * from arrivals
    {%- if is_incremental() %}
    union all
    select * from kept
    {%- endif %}
    {%- if is_incremental() and marks.is_left %}
    union all
    select * from remaining
    {%- endif %}
    {%- if marks.is_left %}
    union all
    select * from tombstones
    {%- endif %}
),

ranked as (
    select
        {{ names }},
        max(_released_seq) over (partition by _agency_code, _record_id) as _released_seq,
        row_number() over (partition by _agency_code, _record_id order by _version desc, _row_id) as version_rank
    from candidates
)

select {{ names }}, _released_seq
from ranked
where version_rank = 1
{% endmacro %}

{#- What a build has to look at: above which number, in which batches (none: in all), and whether rows have left. Rows
    seldom leave, and to find those that did means to look through landing: asked of what was decided instead. -#}
{% macro moved_since(source_name, entity, departed) %}
{%- set marks = namespace(lower=-1, batches=none, is_left=true) -%}
{%- if execute and is_incremental() -%}
    {%- set found = run_query(what_moved_above_mark(source_name, entity)).rows[0] -%}
    {%- set marks.lower = found[0] -%}
    {#- named one by one, so that the planner goes to them by index -#}
    {%- set marks.batches = found[1].split(',') if found[1] else [] -%}
    {%- set marks.is_left = found[2] -%}
{%- endif -%}
{{ return(marks) }}
{% endmacro %}

{#- The mark, the batches with a verdict, a withdrawal or a waiver above it, and whether one took rows back. -#}
{% macro what_moved_above_mark(source_name, entity) %}
with

mark as (
    select coalesce(max(_released_seq), -1) as lower from {{ this }}
),

moved as (
    select batches.batch_id, batches.status <> 'released' as is_left
    from quality.batch as batches
    cross join mark
    where batches.source = '{{ source_name }}' and batches.entity = '{{ entity }}' and batches.released_seq > mark.lower
    union all
    select entries.batch_id, entries.status <> 'waived' as is_left
    from quarantine.entry as entries
    cross join mark
    where entries.entity_table = '{{ source_name }}__{{ entity }}' and entries.released_seq > mark.lower
)

select
    mark.lower,
    (select string_agg(distinct moved.batch_id::text, ',') from moved) as batches,
    (select coalesce(bool_or(moved.is_left), false) from moved) as is_left
from mark
{% endmacro %}

{#- A new table is unknown to the planner until the server looks at it, which may be a minute later. -#}
{% macro analyze_new() %}
{% if model.config.materialized in ('table', 'incremental', 'seed') and not is_incremental()
    and not (execute and model.config.materialized == 'table' and not is_everything_built()) -%}
analyze {{ this }}
{%- endif %}
{% endmacro %}
