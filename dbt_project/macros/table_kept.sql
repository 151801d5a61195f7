{#
    A table that is made again keeps standing: what is new of it is brought in and what is gone taken out, in one
    transaction, so that no reader waits, the views on it stay, and rows that came out the same are not written again.
    Only a build of everything (intermediate.build_bound.is_whole) replaces tables, as dbt does it by itself.
#}
{% materialization table, adapter='postgres' %}
{%- set held = load_cached_relation(this) -%}
{%- if held is none or not held.is_table or should_full_refresh() or is_everything_built() -%}
    {%- do run_query(tell_table_moved()) -%}
    {{ return(dbt.materialization_table_default()) }}
{%- endif -%}
{%- set target = this.incorporate(type='table') -%}
{%- set made = make_temp_relation(target) -%}

{{ run_hooks(pre_hooks, inside_transaction=False) }}
{{ run_hooks(pre_hooks, inside_transaction=True) }}

{%- do run_query(get_create_table_as_sql(True, made, sql)) -%}
{%- set columns = adapter.get_columns_in_relation(target) | map(attribute='quoted') | list -%}
{%- set key = (config.get('indexes', []) | selectattr('unique') | list | first or {}).columns -%}
{%- if key -%}
    {%- call statement('taken_out') -%}{{ take_out_what_differs(target, made, columns, key) }}{%- endcall -%}
    {%- set taken_out = load_result('taken_out').response.rows_affected -%}
    {%- call statement('main') -%}
    insert into {{ target }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }} from {{ made }}
    on conflict do nothing
    {%- endcall -%}
    {%- set is_moved = taken_out + load_result('main').response.rows_affected > 0 -%}
{%- else -%}
    {%- set is_moved = run_query(first_difference(target, made, columns)) | length > 0 -%}
    {%- call statement('main') -%}
    {%- if is_moved -%}
    delete from {{ target }};
    insert into {{ target }} ({{ columns | join(', ') }}) select {{ columns | join(', ') }} from {{ made }}
    {%- else -%}
    select 0
    {%- endif -%}
    {%- endcall -%}
{%- endif -%}
{%- if is_moved -%}
    {%- do run_query(tell_table_moved()) -%}
    {%- do run_query('analyze ' ~ target) -%}
{%- endif -%}

{{ run_hooks(post_hooks, inside_transaction=True) }}
{%- do adapter.commit() -%}
{{ run_hooks(post_hooks, inside_transaction=False) }}
{{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro take_out_what_differs(target, made, columns, key) %}
delete from {{ target }} as held
where not exists (
    select from {{ made }} as made
    where {% for column in key %}made.{{ column }} = held.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
        and (made.{{ columns | join(', made.') }}) is not distinct from (held.{{ columns | join(', held.') }})
)
{% endmacro %}

{% macro first_difference(target, made, columns) %}
(select {{ columns | join(', ') }} from {{ target }} except all select {{ columns | join(', ') }} from {{ made }})
union all
(select {{ columns | join(', ') }} from {{ made }} except all select {{ columns | join(', ') }} from {{ target }})
limit 1
{% endmacro %}

{% macro tell_table_moved() -%}
insert into intermediate.moved (model_name) values ('{{ this.identifier }}')
{%- endmacro %}

{% macro is_everything_built() %}
{{ return(run_query('select 1 from intermediate.build_bound where is_whole') | length > 0) }}
{% endmacro %}
