{#
    An incremental fact is made of parts. A part is two views: int_<concept>__<part> makes its rows, and
    int_<concept>__<part>__touched lists the records that must be made again, because they or an input of theirs moved
    above the mark that the part keeps for the input. The fact sets the touched records aside in a temporary table,
    whose size the planner then knows, takes them out and makes them again; all in its own transaction.

    Before that, the events of the touched records are looked up and named in the query: a view is planned by itself, so
    it makes all its rows before a join with the touched records drops most of them, but what is named reaches its
    tables. An event's id is ours (a UUID), so no word of an agency gets into a query.

    Nothing is listed twice: which parts a fact has is read from its refs, which inputs a part has from the refs of its
    touched view. Beside its marks stands what the part was made by, the text of its views and of the seeds they read:
    where that has changed the marks count for nothing, and the part is made again whole. (A changed macro does not
    show there: build with full_refresh after it.)
#}

{#- Body of a touched view. `through` says of each further input how it meets the records (pairs, where one input meets
    them in two ways); a list of two conditions passes through a third table, named first. Both sides are of one agency.
    A deleted record has no columns left: where they decide about others, its whole agency is made again. -#}
{% macro touched_records(records, through={}, is_agency_made_again_on_delete=false) %}
{%- set part = this.identifier -%}
{%- set inputs = through.items() if through is mapping else through -%}
select
    _agency_code as agency_code,
    '{{ records.removeprefix("base_") }}' as source_entity,
    _record_id as record_id,
    _event_id,
    '{{ records }}' as input_name,
    _released_seq
from {{ ref(records) }}
where _released_seq > {{ above_watermark(part, records) }}
{%- for input_name, condition in inputs %}
{%- set steps = [condition] if condition is string else condition %}
union all
select
    records._agency_code as agency_code,
    '{{ records.removeprefix("base_") }}' as source_entity,
    records._record_id as record_id,
    records._event_id,
    '{{ input_name }}' as input_name,
    moved._released_seq
from {{ ref(input_name) }} as moved
{%- if steps | length > 1 %}
inner join {{ ref(steps[0]) }} as step
    on moved._agency_code = step._agency_code and {{ steps[1] }}
{%- endif %}
inner join {{ ref(records) }} as records
    on moved._agency_code = records._agency_code and {{ steps | last }}
where moved._released_seq > {{ above_watermark(part, input_name) }}
{%- endfor %}
{%- if is_agency_made_again_on_delete %}
union all
select
    records._agency_code as agency_code,
    '{{ records.removeprefix("base_") }}' as source_entity,
    records._record_id as record_id,
    records._event_id,
    '{{ records }}' as input_name,
    records._released_seq
from {{ ref(records) }} as records
where records._agency_code in (
    select moved._agency_code from {{ ref(records) }} as moved
    where moved._is_deleted and moved._released_seq > {{ above_watermark(part, records) }}
)
{%- endif %}
{% endmacro %}

{#- Rows of a fact's parts; in an incremental run of the touched records only. -#}
{% macro made_again(parts, columns) %}
{%- for part in parts %}
{%- set touched = ref(part ~ '__touched') %}
{{ 'union all' if not loop.first }}
select
    {% for column in columns -%}
    made.{{ column }}{{ ',' if not loop.last }}
    {% endfor -%}
from {{ ref(part) }} as made
{%- if is_incremental() %}
inner join {{ this.identifier }}__touched as touched
    on made.agency_code = touched.agency_code
    and made.source_entity = touched.source_entity
    and made.record_id = touched.record_id
{{ of_touched_events(touched) if execute }}
{%- endif %}
{%- endfor %}
{% endmacro %}

{#- Names the events of the touched records, unless they are so many that a look at everything costs less, or the part
    is made by another text now, in which case its marks, still standing here, count for nothing. -#}
{% macro of_touched_events(touched, most=100000) %}
{%- set part = graph.nodes['model.' ~ project_name ~ '.' ~ touched.identifier] -%}
{%- set is_changed = run_query(
    "select 1 from intermediate.watermark where model_name = '" ~ part.name ~ "' and definition is distinct from '"
    ~ definition_of(part) ~ "' limit 1") | length > 0 -%}
{%- if not is_changed -%}
    {%- set found = run_query('select distinct _event_id from ' ~ touched ~ ' limit ' ~ (most + 1)) -%}
    {%- set events = found.columns[0].values() -%}
    {%- if events | length <= most -%}
where made._event_id = any('{{ '{' ~ events | select | join(',') ~ '}' }}'::uuid[])
    {%- endif -%}
{%- endif -%}
{% endmacro %}

{% macro set_touched_aside() %}
{% if execute and is_incremental() %}
{{ list_touched_in(this.identifier ~ '__touched') }}
{% endif %}
{% endmacro %}

{#- The records that the parts list as touched, as a temporary table. A part made by another text than now is made again
    whole. -#}
{% macro list_touched_in(table) %}
{% for part in parts_of_fact() -%}
delete from intermediate.watermark
where model_name = '{{ part.name }}' and definition is distinct from '{{ definition_of(part) }}';
{% endfor -%}
create temporary table {{ table }} on commit drop as
select distinct agency_code, source_entity, record_id
from (
    {% for part in parts_of_fact() -%}
    select agency_code, source_entity, record_id from {{ part.relation_name }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
) as touched;
analyze {{ table }};
{% endmacro %}

{% macro keep_watermarks() %}
{% if execute %}
insert into intermediate.watermark (model_name, input_name, definition, released_seq)
{%- for part in parts_of_fact() %}
{%- set outer = loop %}
{%- for input_id in part.depends_on.nodes %}
{{ 'union all' if not (outer.first and loop.first) }}
select '{{ part.name }}', '{{ graph.nodes[input_id].name }}', '{{ definition_of(part) }}', coalesce(max(_released_seq), -1)
from {{ graph.nodes[input_id].relation_name }}
{%- endfor %}
{%- endfor %}
on conflict (model_name, input_name) do update
set released_seq = excluded.released_seq, definition = excluded.definition
{% endif %}
{% endmacro %}

{#- The touched views that this fact reads. -#}
{% macro parts_of_fact() %}
{%- set parts = [] -%}
{%- for node_id in graph.nodes[model.unique_id].depends_on.nodes if node_id.endswith('__touched') -%}
    {%- do parts.append(graph.nodes[node_id]) -%}
{%- endfor -%}
{{ return(parts) }}
{% endmacro %}

{% macro definition_of(part) %}
{%- set made = part.unique_id.removesuffix('__touched') -%}
{{ return(local_md5(text_below(part.unique_id) ~ text_below(made))) }}
{% endmacro %}

{#- Checksums of a view, of what it reads and so on, down to the base tables, which hold data. -#}
{% macro text_below(node_id) %}
{%- set node = graph.nodes.get(node_id) -%}
{%- if not node or node.name.startswith('base_') -%}{{ return('') }}{%- endif -%}
{%- set texts = [node.checksum.checksum] -%}
{%- for input_id in node.depends_on.get('nodes', []) -%}
    {%- do texts.append(text_below(input_id)) -%}
{%- endfor -%}
{{ return(texts | join) }}
{% endmacro %}

{% macro above_watermark(model_name, input_name) -%}
coalesce(
        (
            select watermark.released_seq from intermediate.watermark
            where watermark.model_name = '{{ model_name }}' and watermark.input_name = '{{ input_name }}'
        ), -1
    )
{%- endmacro %}
