{#
    An incremental fact remembers, for each of its inputs, the highest _released_seq it has taken in. A view
    int_<concept>__touched lists the records above those marks with the input that touched them.
#}
{% macro forget_watermarks() %}
{% if not is_incremental() %}
delete from intermediate.watermark where model_name = '{{ this.identifier }}'
{% endif %}
{% endmacro %}

{% macro take_out_touched(touched) %}
{% if is_incremental() %}
delete from {{ this }} as fact
using (select distinct agency_code, source_entity, record_id from {{ touched }}) as touched
where fact.agency_code = touched.agency_code
    and fact.source_entity = touched.source_entity
    and fact.record_id = touched.record_id
{% endif %}
{% endmacro %}

{% macro keep_watermarks(touched) %}
insert into intermediate.watermark (model_name, input_name, released_seq)
select '{{ this.identifier }}', input_name, max(_released_seq)
from {{ touched }}
group by input_name
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
