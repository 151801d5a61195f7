{#
    An incremental fact remembers, for each of its inputs, the highest _released_seq it has taken in. A view
    int_<concept>__touched lists the records above those marks. They are set aside in a temporary table, whose size
    the planner then knows, taken out of the fact and made again; all in the fact's own transaction.
#}
{% macro set_touched_aside(touched) %}
{% if is_incremental() %}
create temporary table {{ this.identifier }}__touched on commit drop as
select distinct agency_code, source_entity, record_id from {{ touched }};
analyze {{ this.identifier }}__touched;
delete from {{ this }} as fact
using {{ this.identifier }}__touched as touched
where fact.agency_code = touched.agency_code
    and fact.source_entity = touched.source_entity
    and fact.record_id = touched.record_id
{% endif %}
{% endmacro %}

{% macro keep_watermarks(inputs) %}
insert into intermediate.watermark (model_name, input_name, released_seq)
{% for input_name, relation in inputs.items() -%}
{{ 'union all' if not loop.first }}
select '{{ this.identifier }}', '{{ input_name }}', coalesce(max(_released_seq), -1) from {{ relation }}
{% endfor -%}
on conflict (model_name, input_name) do update set released_seq = excluded.released_seq
{% endmacro %}

{% macro above_watermark(model_name, input_name) -%}
coalesce(
        (
            select watermark.released_seq from intermediate.watermark
            where watermark.model_name = '{{ model_name }}' and watermark.input_name = '{{ input_name }}'
        ), -1
    )
{%- endmacro %}
