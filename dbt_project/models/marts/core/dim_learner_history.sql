{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    indexes=[
        {'columns': ['history_key'], 'unique': true},
        {'columns': ['learner_key']},
        {'columns': ['agency_code', 'source_entity', 'record_id']},
        {'columns': ['agency_code', 'source_name', 'person_id_agency']},
    ],
    pre_hook="{{ set_persons_aside() }}",
    post_hook=["{{ keep_watermarks() }}", "{{ history_as_known() }}"],
) }}

with

made as (
    {{ made_of_persons(
        parts=[
            'int_histories__employers',
            'int_histories__residences_of_pupils',
            'int_histories__residences_of_seniors',
            'int_histories__residences_of_students',
            'int_histories__schools',
        ],
        columns=[
            'agency_code', 'source_entity', 'record_id', 'version', 'source_name', 'person_id_agency',
            'attribute_code', 'value_code', 'institution_key', 'valid_from', 'ended_date', 'is_dated', 'is_deleted',
            'known_from', '_event_id', '_released_seq',
        ],
    ) }}
),

persons as (
    select * from {{ ref('int_persons__resolved') }}
),

numbered as (
    select
        *,
        row_number() over version_order as version_number,
        lead(version) over version_order is not null as has_later,
        lag(person_id_agency) over version_order as person_before,
        lag(value_code) over version_order as value_before,
        lag(valid_from) over version_order as valid_before,
        lag(ended_date) over version_order as ended_before,
        lag(is_deleted) over version_order as deleted_before
    from made
    window version_order as (
        partition by agency_code, source_entity, record_id, attribute_code order by version
    )
),

-- a version that says the same again is no statement; an undated one holds from when it was first said
stated as (
    select
        *,
        case
            when version_number = 1 then 'first'
            when is_dated
                and value_code = value_before and valid_from = valid_before
                and ended_before is null and ended_date is not null
                then 'change'
            when not is_dated and valid_from > valid_before then 'change'
            else 'correction'
        end as change_code
    from numbered
    where version_number = 1
        or (person_id_agency, value_code, is_deleted)
        is distinct from (person_before, value_before, deleted_before)
        or (is_dated and (valid_from, ended_date) is distinct from (valid_before, ended_before))
        or (not is_dated and valid_from < valid_before)
),

-- A dated record says all there is about its span, so any later version of it overrules. An undated register only says
-- what holds now: a later version overrules what was said of the same days, and leaves the days before.
overruled as (
    select
        stated.agency_code,
        stated.source_entity,
        stated.record_id,
        stated.attribute_code,
        stated.version,
        min(later.known_from) as known_to
    from stated
    inner join stated as later
        on stated.agency_code = later.agency_code
        and stated.source_entity = later.source_entity
        and stated.record_id = later.record_id
        and stated.attribute_code = later.attribute_code
        and stated.version < later.version
    where stated.has_later
        and later.version_number > 1
        and (later.is_dated or later.valid_from <= stated.valid_from)
    group by stated.agency_code, stated.source_entity, stated.record_id, stated.attribute_code, stated.version
),

known as (
    select
        stated.*,
        overruled.known_to
    from stated
    left join overruled
        on stated.agency_code = overruled.agency_code
        and stated.source_entity = overruled.source_entity
        and stated.record_id = overruled.record_id
        and stated.attribute_code = overruled.attribute_code
        and stated.version = overruled.version
    where stated.valid_from is not null
        and (overruled.known_to is null or stated.known_from < overruled.known_to)
        and (stated.value_code is not null or not stated.is_dated)
),

told as (
    {{ timeline('known') }}
),

history as (
    select
        {{ surrogate_key([
            'told._event_id', 'told.attribute_code', 'told.known_from::text',
        ]) }} as history_key,
        persons.learner_key,
        told.attribute_code,
        told.value_code,
        told.institution_key,
        told.change_code,
        told.valid_from,
        told.valid_to,
        told.known_from,
        told.known_to,
        told.agency_code,
        told.source_name,
        told.person_id_agency,
        told.source_entity,
        told.record_id,
        told._event_id,
        told._released_seq
    from told
    inner join persons
        on told.agency_code = persons.agency_code
        and told.source_name = persons.source_name
        and told.person_id_agency = persons.person_id_agency
    {%- if is_incremental() %}
    inner join {{ this.identifier }}__touched as touched
        on told.agency_code = touched.agency_code
        and told.source_name = touched.source_name
        and told.person_id_agency = touched.person_id_agency
    {%- endif %}
)

select * from history
