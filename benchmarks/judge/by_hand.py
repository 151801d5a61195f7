"""The same verdict as SQL that somebody who knows PostgreSQL writes for this one table, without rules as data.

Two statements in one transaction: first copies and duplicates in one pass, then the twelve conditions in one pass over
the rows that are left, with the failing rows into quarantine and the counts as the answer.
"""

from __future__ import annotations

import uuid

from benchmarks.judge.rules import TABLE
from benchmarks.meter import Meter
from pipeline.db import SQL, Connection, connect
from pipeline.settings import Settings

ROLE = "flyover_judge"

_DUPLICATES = SQL(
    """
with line as materialized (
    select
        l._row_id, l._event_id, l._batch_id, s.row_id as first_row_id,
        row_number() over (partition by l._event_id order by l._batch_seq, l._row_id) as place
    from landing.hr__employments as l
    left join landing.event_seen as s on l._event_id = s.event_id
    where l._batch_id = %(batch)s
),

first_copy as (
    insert into landing.event_seen (event_id, row_id, batch_id)
    select _event_id, _row_id, _batch_id from line where place = 1 and first_row_id is null
)

insert into landing.duplicate (row_id, batch_id, kind)
select _row_id, _batch_id, 'duplicate' from line where place > 1 or first_row_id is not null
"""
)
_VERDICT = SQL(
    """
with judged as not materialized (
    select l.*
    from landing.hr__employments as l
    where l._batch_id = %(batch)s
        and not l._is_deleted
        and not exists (select from landing.duplicate as d where d.row_id = l._row_id)
),

failing as materialized (
    select *
    from (
        select
            j.*,
            case when j._record_id in (select _record_id from judged group by _record_id having count(*) > 1)
                then 1 else 0 end
            + case when j.start_date is null then 2 else 0 end
            + case when j.employment_form not in ('contract', 'dispatch', 'flexible', 'platform', 'self', 'rural')
                then 4 else 0 end
            + case when j.record_status not in ('active', 'ended', 'suspended') then 8 else 0 end
            + case when j.occupation_scheme not in ('GBT6565', 'ISCO08') then 16 else 0 end
            + case when j.employer_uscc !~ '^[0-9A-HJ-NPQRTUWXY]{18}$' then 32 else 0 end
            + case when j.workplace_division !~ '^33[0-9]{4}$' then 64 else 0 end
            + case when j.contract_hours not between 0 and 80 then 128 else 0 end
            + case when length(j.occupation_code) not between 1 and 10 then 256 else 0 end
            + case when j.end_date < j.start_date then 512 else 0 end
            + case when j.employment_form in ('contract', 'dispatch') and j.employer_uscc is null then 1024 else 0 end
            + case when j.start_date < j.birth_date + interval '16 years' then 2048 else 0 end as failed
        from judged as j
        offset 0
    ) as verdict
    where failed > 0
),

rule (id, bit, quarantines) as (
    values
        ('hr__employments.unique_key', 1, true), ('hr__employments.start_given', 2, true),
        ('hr__employments.form_code', 4, true), ('hr__employments.state_code', 8, true),
        ('hr__employments.scheme_code', 16, false), ('hr__employments.uscc_shape', 32, true),
        ('hr__employments.division_shape', 64, true), ('hr__employments.hours_possible', 128, true),
        ('hr__employments.code_length', 256, false), ('hr__employments.ends_after_start', 512, true),
        ('hr__employments.employer_named', 1024, true), ('hr__employments.of_working_age', 2048, true)
),

kept_back as (
    insert into quarantine.entry (
        entity_table, row_id, batch_id, batch_seq, event_id, agency_code, record_id, version, stage, rule_ids, payload
    )
    select
        %(table)s, f._row_id, f._batch_id, f._batch_seq, f._event_id, f._agency_code, f._record_id, f._version, 'rule',
        array(select rule.id from rule where rule.quarantines and f.failed & rule.bit > 0 order by rule.bit),
        jsonb_build_object(
            'birth_date', f.birth_date, 'sex', f.sex, 'employer_uscc', f.employer_uscc,
            'employment_id', f.employment_id, 'employment_form', f.employment_form, 'start_date', f.start_date,
            'end_date', f.end_date, 'occupation_code', f.occupation_code, 'occupation_scheme', f.occupation_scheme,
            'industry_code', f.industry_code, 'workplace_division', f.workplace_division,
            'contract_hours', f.contract_hours, 'record_status', f.record_status
        )
    from failing as f
    where f.failed & ~(16 + 256) > 0
    returning 1
),

counted as (
    select rule.id, count(*) as failed from failing inner join rule on failing.failed & rule.bit > 0 group by rule.id
),

recorded as (
    insert into quality.rule_result (batch_id, rule_id, severity, dimension, scope, passed, evaluated, failed)
    select
        %(batch)s, rule.id, case when rule.quarantines then 'critical' else 'warning' end, 'validity', 'row',
        counted.failed is null, (select count(*) from judged), coalesce(counted.failed, 0)
    from rule
    left join counted on rule.id = counted.id
)

select count(*) from kept_back
"""
)
_BOOKS = SQL(
    """
update quality.batch
set
    status = 'released', quarantined = %(kept_back)s, duplicate = %(duplicates)s,
    released = received - %(kept_back)s - %(duplicates)s, released_seq = nextval('quality.released_seq'),
    max_row_id = (select max(_row_id) from landing.hr__employments where _batch_id = %(batch)s), judged_at = now()
where batch_id = %(batch)s
"""
)


def judge(place: tuple[Settings, uuid.UUID], meter: Meter) -> None:
    """The whole verdict: duplicates, rules, quarantine, books."""
    settings, batch = place
    with connect(settings, ROLE) as connection:
        _give_memory(connection)
        duplicates = connection.execute(_DUPLICATES, {"batch": batch}).rowcount
        meter.part("duplicates")
        _verdict(connection, batch, duplicates)
    meter.part("rules, quarantine, books")


def judge_rules_alone(place: tuple[Settings, uuid.UUID], meter: Meter) -> None:
    """Only the one pass of the rules with quarantine and books; it knows no duplicates."""
    settings, batch = place
    with connect(settings, ROLE) as connection:
        _give_memory(connection)
        _verdict(connection, batch, 0)
    meter.part("rules, quarantine, books")


def _give_memory(connection: Connection) -> None:
    connection.execute("set local work_mem = '256MB'")


def _verdict(connection: Connection, batch: uuid.UUID, duplicates: int) -> None:
    row = connection.execute(_VERDICT, {"batch": batch, "table": TABLE}).fetchone()
    kept_back = row[0] if row else 0
    connection.execute(_BOOKS, {"batch": batch, "kept_back": kept_back, "duplicates": duplicates})
