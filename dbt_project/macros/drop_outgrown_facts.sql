{#
    A fact of which the project has other columns now is made anew by this build: an incremental table is not widened,
    because the rows it holds would lack what the new column says. So is a seed: dbt empties a seed's table and keeps
    its columns.
#}
{% macro drop_outgrown_facts() %}
{%- if execute and not is_increment() -%}
{%- for node in graph.nodes.values()
        if node.unique_id in selected_resources
        and (node.config.on_schema_change == 'fail' or (node.resource_type == 'seed' and node.columns)) %}
    {%- set held = adapter.get_relation(node.database, node.schema, node.alias) -%}
    {%- if held and adapter.get_columns_in_relation(held) | map(attribute='name') | sort != node.columns | sort -%}
        {%- do adapter.drop_relation(held) -%}
    {%- endif -%}
{%- endfor %}
{%- endif -%}
{% endmacro %}
