"""Judges the batches of a copy again by this checkout's rules, as if these had held from the first day.

Batches are judged in the order in which they once were, each as of the moment of its judgement: rows that landed later
do not exist for it (row security on the copy's landing tables sees to that), batches judged later are not released yet.
So a checkout without a change comes to the same verdicts to the row. What people decided stays decided: a row that was
waived, mended, sent again, returned or refused keeps its entry, a batch that an officer released, refused or withdrew
ends as it did. Only rows that wait undecided are set free, and only rows that passed are kept back anew.

The rows are found by the rules' SQL, which a real judgement holds against Great Expectations each time.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from expectations.judging import history, persons, settle
from expectations.judging.settle import Batch
from expectations.rules import suites
from expectations.rules.suites import Suite
from pipeline import names
from pipeline.db import SQL, Connection, DatabaseError, Identifier, connect
from pipeline.errors import FlyoverError
from pipeline.released_seq import next_released_seq
from pipeline.settings import Settings
from release.scratch import OWNER, Say

_SAY_EVERY = 200
_AS_OF = "(select coalesce(nullif(current_setting('flyover.as_of', true), ''), 'infinity')::timestamptz)"
_REMEMBER = (
    "create temporary table judged as select * from quality.batch "
    "where judged_at is not null and source || '__' || entity = any(%(tables)s)",
    "create temporary table entry as select q.* from quarantine.entry as q "
    "inner join judged as j on q.batch_id = j.batch_id where q.stage = 'rule'",
    "create index on entry (batch_id)",
    "delete from quarantine.entry as q using judged as j where q.batch_id = j.batch_id and q.stage = 'rule'",
    "delete from quality.rule_result as r using judged as j where r.batch_id = j.batch_id",
    "update quality.batch as b set status = 'landed', refused = 0, held = 0 from judged as j "
    "where b.batch_id = j.batch_id",
    "create temporary table granted as select * from quality.waiver",
    "truncate landing.person_fact, landing.person_elsewhere",
    "update landing.person_fact_mark set released_seq = 0",
    "analyze judged",
    "analyze entry",
)
_EVENTS = """
select 'judge', batch_id, delivery_id, agency_code, source, entity, received, replay_of, judged_at as at from judged
union all
select 'decide', batch_id, delivery_id, agency_code, source, entity, received, replay_of, decided_at from judged
where decided_at is not null and status in ('released', 'refused')
order by at, 1 desc, batch_id
"""
# Waivers of rules are asked for as of today: those that stood at the moment are made to stand today.
_AS_THEN = (
    "update quality.waiver set ended_at = granted_at where ended_at is null",
    "update quality.waiver as w set ended_at = null, expires_on = 'infinity' from granted as g "
    "where w.waiver_id = g.waiver_id and g.granted_at <= %(at)s and (g.ended_at is null or g.ended_at > %(at)s) "
    "and g.expires_on >= (%(at)s at time zone 'Asia/Shanghai')::date",
)
_AS_NOW = (
    "update quality.waiver set ended_at = granted_at where ended_at is null",
    "update quality.waiver as w set ended_at = g.ended_at, expires_on = g.expires_on from granted as g "
    "where w.waiver_id = g.waiver_id",
)
_DECIDED_ROWS = (
    "delete from quarantine.entry as q using entry as e "
    "where e.batch_id = %(batch)s and e.status <> 'open' and q.stage = 'rule' "
    "and q.entity_table = e.entity_table and q.batch_id = e.batch_id and q.batch_seq = e.batch_seq",
    "insert into quarantine.entry overriding system value select * from entry "
    "where batch_id = %(batch)s and status <> 'open'",
)
# Its own time and number stand at once: later batches look back by them.
_BOOKS = """
update quality.batch as b set
    quarantined = b.quarantined + %(more)s,
    released = case b.status when 'released' then b.released - %(more)s else b.released end,
    held = case b.status when 'held' then b.held - %(more)s else b.held end,
    judged_at = j.judged_at,
    released_seq = j.released_seq
from judged as j
where b.batch_id = j.batch_id and b.batch_id = %(batch)s
"""
_DECIDE = """
update quality.batch as b set
    status = j.status,
    released = case j.status when 'released' then b.released + b.held else 0 end,
    refused = case j.status when 'refused' then b.refused + b.released + b.held else b.refused end,
    held = 0
from judged as j
where b.batch_id = j.batch_id and b.batch_id = %s
"""
# Who would read by numbers what has moved: a batch whose verdict or rows came out otherwise takes a new one, and rows
# newly kept back take it too, so that what was built from them can be taken back.
_MOVED = """
create temporary table moved as
select j.batch_id
from judged as j
inner join quality.batch as b on j.batch_id = b.batch_id
where j.status is distinct from b.status
    or exists (
        select from entry as e
        where e.batch_id = j.batch_id and e.status = 'open' and not exists (
            select from quarantine.entry as q
            where q.entity_table = e.entity_table and q.batch_id = e.batch_id and q.batch_seq = e.batch_seq
        )
    )
    or exists (
        select from quarantine.entry as q
        where q.batch_id = j.batch_id and q.stage = 'rule' and not exists (
            select from entry as e
            where q.entity_table = e.entity_table and q.batch_id = e.batch_id and q.batch_seq = e.batch_seq
        )
    )
"""
_SETTLED = (
    "update quality.batch as b set released_seq = %(seq)s from moved as m, judged as j "
    "where b.batch_id = m.batch_id and b.batch_id = j.batch_id "
    "and (b.status = 'released' or j.released_seq is not null)",
    "update quarantine.entry as q set released_seq = %(seq)s, opened_at = now() from moved as m, judged as j "
    "where q.batch_id = m.batch_id and j.batch_id = m.batch_id and j.released_seq is not null and q.stage = 'rule' "
    "and not exists (select from entry as e where q.entity_table = e.entity_table and q.batch_id = e.batch_id "
    "and q.batch_seq = e.batch_seq)",
)


@dataclass(frozen=True)
class Rejudged:
    """What a second judgement came to: batches looked at, batches of which anything came out otherwise."""

    batches: int
    moved: int


@dataclass(frozen=True)
class _Event:
    kind: Literal["judge", "decide"]
    batch_id: uuid.UUID
    delivery_id: uuid.UUID
    agency_code: str
    source: str
    entity: str
    received: int
    replay_of: uuid.UUID | None
    at: dt.datetime

    @property
    def batch(self) -> Batch:
        return Batch(self.batch_id, self.agency_code, self.entity, self.received, self.replay_of)


def rejudge(copy: Settings, suites_dir: Path, say: Say) -> Rejudged:
    """Judge every batch of a copy that was judged before; never to be called on the warehouse itself.

    Batches of a table that has no suite any more stay as they are.

    :raises FlyoverError: when a rule cannot be evaluated, or the books of a batch do not balance
    """
    known = suites.load(suites_dir, copy.contracts_dir)
    with connect(copy, OWNER, autocommit=True) as connection:
        for statement in _REMEMBER:
            connection.execute(statement, {"tables": list(known)} if "%(tables)s" in statement else None)
        tables = _landing_tables(connection)
        _hide_the_future(connection, tables)
        events = [_Event(*row) for row in connection.execute(_EVENTS)]
        _run(connection, known, events, say)
        _show_everything(connection, tables)
        moved = _settle(connection)
    judged = sum(event.kind == "judge" for event in events)
    return Rejudged(judged, moved)


def _run(connection: Connection, known: Mapping[str, Suite], events: Sequence[_Event], say: Say) -> None:
    for number, event in enumerate(events, 1):
        with connection.transaction():
            if event.kind == "decide":
                connection.execute(_DECIDE, (event.batch_id,))
            else:
                _judge(connection, known[names.table(event.source, event.entity)], event)
        if number % _SAY_EVERY == 0:
            say(f"judged again: {number:,} of {len(events):,} verdicts and decisions")


def _judge(connection: Connection, suite: Suite, event: _Event) -> None:
    connection.execute("select set_config('flyover.as_of', %s, true)", (event.at.isoformat(),))
    for statement in _AS_THEN:
        connection.execute(statement, {"at": event.at})
    try:
        history.note(connection, suite, event.batch_id)
        persons.note(connection, suite, event.batch_id)
        settle.try_out(connection, suite, event.batch)
    except DatabaseError as error:
        about_the_rule = (error.sqlstate or "").startswith("42")  # names of columns and functions, never a value
        why = error.diag.message_primary if about_the_rule else type(error).__name__
        raise FlyoverError(
            f"the rules of {suite.table} could not be evaluated on batch {event.batch_id} ({why}): see "
            f"expectations/suites/{suite.table}.yaml; ./flyover rehearse --only models leaves the rules out"
        ) from None
    new, kept = (connection.execute(step, {"batch": event.batch_id}).rowcount for step in _DECIDED_ROWS)
    connection.execute(_BOOKS, {"batch": event.batch_id, "more": kept - new})


def _settle(connection: Connection) -> int:
    with connection.transaction():
        moved = connection.execute(_MOVED).rowcount
        seq = next_released_seq(connection) if moved else None
        for statement in _SETTLED:
            connection.execute(statement, {"seq": seq})
        for statement in _AS_NOW:
            connection.execute(statement)
    return moved


def _landing_tables(connection: Connection) -> list[str]:
    found = connection.execute(
        "select relname from pg_class where relnamespace = 'landing'::regnamespace and relkind = 'p'"
    )
    return [str(row[0]) for row in found]


def _hide_the_future(connection: Connection, tables: list[str]) -> None:
    """Rows that landed after ``flyover.as_of`` are not there, for the owner of the tables neither."""
    for table in tables:
        place = SQL("landing.{}").format(Identifier(table))
        connection.execute(
            SQL("create policy as_of on {} for select using (_landed_at <= {})").format(place, SQL(_AS_OF))
        )
        connection.execute(SQL("alter table {} enable row level security, force row level security").format(place))
    connection.execute(
        SQL("create policy as_of on quarantine.entry using (stage = 'rule' or opened_at <= {})").format(SQL(_AS_OF))
    )
    connection.execute("alter table quarantine.entry enable row level security, force row level security")


def _show_everything(connection: Connection, tables: list[str]) -> None:
    for place in [*(SQL("landing.{}").format(Identifier(table)) for table in tables), SQL("quarantine.entry")]:
        connection.execute(SQL("drop policy as_of on {}").format(place))
        connection.execute(SQL("alter table {} disable row level security, no force row level security").format(place))
