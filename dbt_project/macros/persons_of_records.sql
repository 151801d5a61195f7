{#
    Persons of a source that numbers records (spells, certificates, outcomes) and not persons: without a pseudonym each
    record is a person of its own. `tables` gives the staging model of each entity.
#}
{% macro persons_of_records(source_name, tables) %}
with

records as (
    {% for source_entity, table in tables.items() -%}
    {{ 'union all' if not loop.first }}
    select
        agency_code,
        '{{ source_entity }}' as source_entity,
        record_id,
        birth_date,
        sex_code,
        _person_key,
        _id_status,
        _event_id
    from {{ ref(table) }}
    {% endfor -%}
),

persons as (
    select
        agency_code,
        '{{ source_name }}' as source_name,
        source_entity,
        record_id,
        source_entity || '|' || record_id as person_id_agency,
        _person_key as person_key,
        _id_status as id_status_code,
        birth_date,
        case when sex_code in ('male', 'female') then sex_code end as sex_code,
        null as residence_division_code,
        false as is_residence_asked,
        _event_id
    from records
)

select * from persons
{% endmacro %}
