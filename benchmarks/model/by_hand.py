"""The upsert that somebody who knows PostgreSQL writes for this one fact: a batch in, the newest version stays.

It keeps what it needs to be right about versions and deletions, and nothing else: no withdrawn batches, no waivers, no
student whose pseudonym changes, no second look at what a lost run left undone.
"""

from __future__ import annotations

import uuid

from benchmarks.meter import Meter
from benchmarks.model.clicks import AGENCY
from pipeline.db import connect
from pipeline.settings import Settings

_PREPARE = """
create schema by_hand;
create table by_hand.fact as
select a.record_id, 1::bigint as _version, a.learner_key, a.activity_date, a.clicks, a._event_id
from core.fct_learning_activity as a
where a.source_entity = 'oulad__student_vle';
alter table by_hand.fact add primary key (record_id);
create table by_hand.person as
select person_id_agency as id_student, learner_key from intermediate.int_persons__resolved
where agency_code = %(agency)s and source_name = 'oulad';
alter table by_hand.person add primary key (id_student);
analyze by_hand.fact;
analyze by_hand.person
"""
_NEWEST = """
create temporary table newest on commit drop as
select distinct on (v._record_id)
    v._record_id as record_id, v._version, v._is_deleted, p.learner_key,
    make_date(left(v.code_presentation, 4)::integer, 2, 1) + v.date as activity_date, v.sum_click as clicks, v._event_id
from released.oulad__student_vle as v
left join by_hand.person as p on v.id_student = p.id_student
where v._batch_id = %(batch)s
order by v._record_id, v._version desc
"""
_GONE = """
delete from by_hand.fact as f using newest as n
where f.record_id = n.record_id and n._is_deleted and n._version > f._version
"""
_UPSERT = """
insert into by_hand.fact as f (record_id, _version, learner_key, activity_date, clicks, _event_id)
select record_id, _version, learner_key, activity_date, clicks, _event_id from newest where not _is_deleted
on conflict (record_id) do update set
    _version = excluded._version, learner_key = excluded.learner_key, activity_date = excluded.activity_date,
    clicks = excluded.clicks, _event_id = excluded._event_id
where excluded._version > f._version
"""


def prepare(settings: Settings) -> None:
    """Lay the fact out as somebody would who had never built it otherwise."""
    with connect(settings, "flyover_owner") as connection:
        for statement in _PREPARE.split(";"):
            connection.execute(statement, {"agency": AGENCY} if "%(agency)s" in statement else None)


def upsert(place: tuple[Settings, uuid.UUID], meter: Meter) -> None:
    """Take in one batch."""
    settings, batch = place
    with connect(settings, "flyover_owner") as connection:
        connection.execute(_NEWEST, {"batch": batch})
        connection.execute("analyze newest")
        connection.execute(_GONE)
        connection.execute(_UPSERT)
    meter.part("upsert")
