{#
    Every released version of an entity's records, a few columns of each, kept up to date release by release: histories
    are made of them. Beside the columns asked for stand _stated_at, the time the source gives the version (a mended
    row's is that of the delivery it was mended in), and the time it was published to us.

    Rows of a record come and go together, as in latest_released: a batch withdrawn or a waiver lapsed takes its
    versions out, and a record of which none is left stays as a tombstone (version -1). Cost follows the change. (Who
    names another column builds once with full_refresh: versions taken in before lack it.)
#}
{% macro every_version(source_name, entity, columns, also_indexed=[]) %}
{%- set indexes = [
    {'columns': ['_agency_code', '_record_id', '_version'], 'unique': true}, {'columns': ['_released_seq']},
] -%}
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
{%- set departed = released.incorporate(path={'identifier': released.identifier ~ '__departed'}) -%}
{%- set names = ['_agency_code', '_record_id', '_version', '_is_deleted', '_event_id', '_published_at'] + columns -%}
{%- set tombstone = {'_agency_code': '_agency_code', '_record_id': '_record_id', '_version': '-1', '_is_deleted': 'true'} -%}
{%- set types = {} -%}
{%- for column in adapter.get_columns_in_relation(released) if execute -%}
    {%- do types.update({column.name: column.data_type}) -%}
{%- endfor -%}
{%- set marks = moved_since(source_name, entity, departed) -%}
with

bound as (
    select released_seq as upper from intermediate.build_bound
),

{% if marks.is_left -%}
departures as (
    select _agency_code, _record_id, max(_released_seq) as _released_seq
    from {{ departed }}
    where _released_seq > {{ marks.lower }} and _released_seq <= (select upper from bound)
    group by _agency_code, _record_id
),

{% endif -%}
arrivals as (
    {{ _versions_read(released, names) }}
    where released._released_seq > {{ marks.lower }} and released._released_seq <= (select upper from bound)
    {%- if marks.batches is not none %}
        and released._batch_id
        = any(array[{% for id in marks.batches %}'{{ id }}'{{ ', ' if not loop.last }}{% endfor %}]::uuid[])
    {%- endif %}
),

{% if is_incremental() -%}
kept as (
    select {{ names | join(', ') }}, _stated_at, _released_seq
    from {{ this }}
    where (_agency_code, _record_id) in (select _agency_code, _record_id from arrivals)
        {%- if marks.is_left %}
        and (_agency_code, _record_id) not in (select _agency_code, _record_id from departures)
        {%- endif %}
),

{% if marks.is_left -%}
remaining as (
    {{ _versions_read(released, names) }}
    where (released._agency_code, released._record_id) in (select _agency_code, _record_id from departures)
        and released._released_seq <= {{ marks.lower }}
),

{% endif -%}
{% endif -%}
{% if marks.is_left -%}
tombstones as (
    select
        {% for column in names -%}
        {{ tombstone.get(column, 'null') }}::{{ types[column] }} as {{ column }},
        {% endfor -%}
        null::timestamptz as _stated_at,
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
        *,
        max(_version) over (partition by _agency_code, _record_id) as last_version,
        row_number() over (
            partition by _agency_code, _record_id, _version order by _released_seq desc, _published_at
        ) as copy_rank
    from candidates
)

select {{ names | join(', ') }}, _stated_at, _released_seq
from ranked
where copy_rank = 1 and (_version >= 0 or last_version < 0)
{% endmacro %}

{% macro _versions_read(released, names) %}
    select
        {% for column in names -%}
        released.{{ column }},
        {% endfor -%}
        coalesce(
            released._source_modified_at, original.published_at, original.first_landed_at, released._published_at
        ) as _stated_at,
        released._released_seq
    from {{ released }} as released
    left join quality.batch as original on released._replay_of = original.batch_id
{%- endmacro %}
