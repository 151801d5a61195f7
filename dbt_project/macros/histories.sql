{#
    A history is made again person by person: what one record states ends what another stated before it. Its parts are
    those of a fact (see watermarks.sql); the records that a part lists as touched are taken to their persons, as the
    history holds them and as the records state them now, and all records of those persons are made again. So are those
    of whoever is another learner now: that is found by comparison, not by marks.
#}

{#- Rows of a history's parts; in an incremental run of the touched persons' records only, all versions of them. -#}
{% macro made_of_persons(parts, columns) %}
{%- for part in parts %}
{%- do ref(part ~ '__touched') %}
{{ 'union all' if not loop.first }}
select
    {% for column in columns -%}
    made.{{ column }}{{ ',' if not loop.last }}
    {% endfor -%}
from {{ ref(part) }} as made
{%- if is_incremental() %}
inner join {{ this.identifier }}__records as wanted
    on made.agency_code = wanted.agency_code
    and made.source_entity = wanted.source_entity
    and made.record_id = wanted.record_id
{%- endif %}
{%- endfor %}
{% endmacro %}

{% macro set_persons_aside() %}
{% if execute and is_incremental() %}
{{ list_touched_in(this.identifier ~ '__moved') }}
create temporary table {{ this.identifier }}__touched on commit drop as
select history.agency_code, history.source_name, history.person_id_agency
from {{ this }} as history
inner join {{ this.identifier }}__moved using (agency_code, source_entity, record_id)
union
select history.agency_code, history.source_name, history.person_id_agency
from {{ this }} as history
left join {{ ref('int_persons__resolved') }} as persons using (agency_code, source_name, person_id_agency)
where history.learner_key is distinct from persons.learner_key
{%- for part in parts_of_fact() %}
union
select made.agency_code, made.source_name, made.person_id_agency
from {{ part.relation_name | replace('__touched', '') }} as made
inner join {{ this.identifier }}__moved using (agency_code, source_entity, record_id)
where made.person_id_agency is not null
{%- endfor %};
analyze {{ this.identifier }}__touched;
create temporary table {{ this.identifier }}__records on commit drop as
select agency_code, source_entity, record_id from {{ this.identifier }}__moved
{%- for part in parts_of_fact() %}
union
select made.agency_code, made.source_entity, made.record_id
from {{ part.relation_name | replace('__touched', '') }} as made
inner join {{ this.identifier }}__touched using (agency_code, source_name, person_id_agency)
{%- endfor %};
analyze {{ this.identifier }}__records;
delete from {{ this }} as history
using {{ this.identifier }}__touched as touched
where history.agency_code = touched.agency_code
    and history.source_name = touched.source_name
    and history.person_id_agency = touched.person_id_agency
{% endif %}
{% endmacro %}

{#- Who asks what was known on a day: what the versions of records published by its evening said. -#}
{% macro history_as_known() %}
{% if not is_incremental() %}
drop function if exists core.learner_history_as_known(date);
create function core.learner_history_as_known(day date) returns setof {{ this }}
language sql stable
begin atomic
    select * from {{ this }} where known_from <= day and (known_to is null or day < known_to);
end
{% endif %}
{% endmacro %}
