{#
    A strategy for incremental models of which some rows are made again: those that share their `made_again_by` with
    what stands in the temporary table <model>__touched. Rows that came out the same stay where they are, untouched on
    disk: most of a pupil's records are what they were when his class has moved.

    Whose rows were taken out or brought in is told in intermediate.moved (columns of `tells`: learner_key and, where
    days count, moved_date), for what is made of this model and for its tests; emptied when a build of everything has
    ended well. A row without a learner says that all may have moved.
#}
{% macro get_incremental_made_again_sql(arg_dict) %}
{%- set target, made = arg_dict['target_relation'], arg_dict['temp_relation'] -%}
{%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | list -%}
{%- set meta = config.get('meta') -%}
{%- set key = (config.get('indexes') | selectattr('unique') | first).columns -%}
analyze {{ made }};
with taken_out as (
    delete from {{ target }} as held
    {%- if not is_made_whole() %}
    using {{ target.identifier }}__touched as touched
    {%- endif %}
    where not exists (
        select from {{ made }} as made
        where {% for column in key %}made.{{ column }} = held.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
            and (made.{{ columns | join(', made.') }}) is not distinct from (held.{{ columns | join(', held.') }})
    )
    {%- if not is_made_whole() %}
    {%- for column in meta.made_again_by %} and held.{{ column }} = touched.{{ column }}{% endfor %}
    {%- endif %}
    returning {{ told_of('held', meta.tells) }}
)
insert into intermediate.moved (model_name, agency_code, learner_key, moved_date)
select distinct '{{ target.identifier }}', agency_code, learner_key, moved_date from taken_out;
with brought_in as (
    insert into {{ target }} as held ({{ columns | join(', ') }})
    select {{ columns | join(', ') }} from {{ made }}
    on conflict do nothing
    returning {{ told_of('held', meta.tells) }}
)
insert into intermediate.moved (model_name, agency_code, learner_key, moved_date)
select distinct '{{ target.identifier }}', agency_code, learner_key, moved_date from brought_in;
{% endmacro %}

{% macro told_of(row, tells) -%}
{% for column, type in {'agency_code': 'text', 'learner_key': 'uuid', 'moved_date': 'date'}.items() -%}
{{ (row ~ '.' ~ tells[column]) if column in tells else ('null::' ~ type) }} as {{ column }}{{ ', ' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{#- After a model was made whole: nobody can tell what moved. -#}
{% macro tell_all_moved() %}
{% if execute and not is_incremental() -%}
delete from intermediate.moved where model_name = '{{ this.identifier }}';
insert into intermediate.moved (model_name) values ('{{ this.identifier }}')
{%- endif %}
{% endmacro %}

{#- Whether all rows of a model are made again though it is incremental: what it is made from was made whole, or one of
    the small tables that decide about every row has moved, too. -#}
{% macro is_made_whole() %}
{%- set meta = config.get('meta') -%}
{%- if not execute or not is_incremental() or 'made_from' not in meta -%}{{ return(false) }}{%- endif -%}
{%- for name in [meta.made_from] + meta.made_whole_with if has_moved('model.' ~ project_name ~ '.' ~ name) -%}
    {{ return(true) }}
{%- endfor -%}
{{ return(is_everything_built()) }}
{% endmacro %}

{#- The learners (and days) that moved in what a model is made from, as the temporary table its rows are joined with. -#}
{% macro set_moved_aside() %}
{% if execute and is_incremental() %}
{%- set meta = config.get('meta') -%}
create temporary table {{ this.identifier }}__touched on commit drop as
select distinct
    {%- for column in meta.made_again_by %}
    {{ column ~ ' ' if column == 'learner_key' else 'moved_date as ' ~ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from intermediate.moved
where model_name = '{{ meta.made_from }}' and learner_key is not null;
analyze {{ this.identifier }}__touched
{% endif %}
{% endmacro %}

{#- The join that keeps an incremental run to what moved. -#}
{% macro of_moved(rows) %}
{%- if is_incremental() and not is_made_whole() %}
inner join {{ this.identifier }}__touched as touched
    on {% for column in config.get('meta').made_again_by -%}
    {{ rows }}.{{ column }} = touched.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor %}
{%- endif %}
{% endmacro %}

{#- Whether all rows of a table may have moved since the indicators were built, or of one that a view reads. -#}
{% macro has_moved(node_id) %}
{%- set node = graph.nodes.get(node_id) -%}
{%- if node and node.config.materialized == 'view' -%}
    {%- for input_id in node.depends_on.nodes if has_moved(input_id) -%}{{ return(true) }}{%- endfor -%}
    {{ return(false) }}
{%- endif -%}
{{ return(node is not none and run_query(
    "select 1 from intermediate.moved where model_name = '" ~ node.name ~ "' and learner_key is null limit 1"
) | length > 0) }}
{% endmacro %}
