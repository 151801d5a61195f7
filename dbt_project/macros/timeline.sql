{#
    What was known of each person's attribute, span by span, out of statements that became known one after the other.

    `known` names a CTE of statements: each begins to hold on valid_from and, unless ended_date says so, until the next
    statement of the same person and attribute; each was believed from known_from until known_to (null: still). A
    statement without a value ends what stood before it. Whenever a statement appears or falls, the course of the spans
    is laid out anew; spans that came out the same at moments that follow each other are one row. Cost: statements of a
    person times the days on which something became known of him; a statement that stands alone costs no more than
    itself.
#}
{% macro timeline(known) %}
with

counted as (
    select
        *,
        count(*) over (partition by agency_code, source_name, person_id_agency, attribute_code) as statements
    from {{ known }}
),

several as (
    select * from counted
    where statements > 1
),

moments as (
    select agency_code, source_name, person_id_agency, attribute_code, known_from as moment from several
    union
    select agency_code, source_name, person_id_agency, attribute_code, known_to as moment from several
    where known_to is not null
),

numbered_moments as (
    select
        *,
        row_number() over person_order as moment_number,
        lead(moment) over person_order as next_moment
    from moments
    window person_order as (
        partition by agency_code, source_name, person_id_agency, attribute_code order by moment
    )
),

-- what stood at each moment something became known, in the order of the days it is about
standing as (
    select
        several.*,
        numbered_moments.moment_number,
        numbered_moments.moment,
        numbered_moments.next_moment,
        lag(several.value_code) over (
            partition by
                several.agency_code, several.source_name, several.person_id_agency, several.attribute_code,
                numbered_moments.moment
            order by several.valid_from, several.record_id, several.version
        ) as value_standing
    from several
    inner join numbered_moments
        on several.agency_code = numbered_moments.agency_code
        and several.source_name = numbered_moments.source_name
        and several.person_id_agency = numbered_moments.person_id_agency
        and several.attribute_code = numbered_moments.attribute_code
        and several.known_from <= numbered_moments.moment
        and (several.known_to is null or numbered_moments.moment < several.known_to)
),

-- a state lasts until its own end or until the next one begins; the same home told again is the same state
spans as (
    select
        *,
        least(
            ended_date,
            lead(valid_from) over (
                partition by agency_code, source_name, person_id_agency, attribute_code, moment
                order by valid_from, record_id, version
            )
        ) as valid_to
    from standing
    where attribute_code <> 'residence' or value_code is distinct from value_standing
),

told as (
    select
        *,
        moment_number - row_number() over (
            partition by agency_code, source_entity, record_id, attribute_code, version, valid_to
            order by moment_number
        ) as run_number
    from spans
    where value_code is not null and (valid_to is null or valid_from < valid_to)
)

select
    agency_code,
    source_entity,
    record_id,
    version,
    source_name,
    person_id_agency,
    attribute_code,
    value_code,
    institution_key,
    change_code,
    valid_from,
    valid_to,
    min(moment) as known_from,
    (array_agg(next_moment order by moment_number desc))[1] as known_to,
    _event_id,
    _released_seq
from told
group by
    agency_code, source_entity, record_id, version, source_name, person_id_agency, attribute_code, value_code,
    institution_key, change_code, valid_from, valid_to, run_number, _event_id, _released_seq
union all
select
    agency_code,
    source_entity,
    record_id,
    version,
    source_name,
    person_id_agency,
    attribute_code,
    value_code,
    institution_key,
    change_code,
    valid_from,
    ended_date as valid_to,
    known_from,
    known_to,
    _event_id,
    _released_seq
from counted
where statements = 1 and value_code is not null and (ended_date is null or valid_from < ended_date)
{% endmacro %}
