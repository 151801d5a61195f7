"""Empties the lines of the erased, in one transaction: each keeps its place in its manifest and says nothing more.

Lines stay so that books balance to the row, as they did. What has no place in any book is deleted.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from connectors import erased
from keeping.whose import Record, Traces, naming_fields, staged, words_of
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, Identifier

Counts = dict[str, int]


def empty(connection: Connection[Any], known: dict[str, Contract], found: Traces) -> Counts:
    """Empty and delete everything of these traces; how many rows, by where they were."""
    connection.execute(_WORKING_TABLES)
    _copy(connection, "gone", ((*record[:2], record.record_id) for record in sorted(found.records)))
    lines = connection.execute(_LINES).fetchall()
    for table in sorted({record.table for record in found.records}):
        lines += connection.execute(SQL(_LANDED_LINES).format(table=Identifier(table)), {"table": table}).fetchall()
    _copy(connection, "line", _blank_lines(known, set(lines)))
    counts = _relatives(connection, known, found)
    for table in sorted({record.table for record in found.records}):
        counts["landing"] = counts.get("landing", 0) + _landing(connection, known[table])
    subjects = {"subjects": found.subjects(known), "keys": sorted(found.keys)}
    for place, statement in _ELSEWHERE.items():
        counts[place] = connection.execute(statement, subjects).rowcount
    return {place: rows for place, rows in counts.items() if rows}


def forget_who(connection: Connection[Any], found: Traces) -> Counts:
    """Delete who the person was held to be, and what stood in the ledger for them.

    Both are only ever added to; erasure is the one exception, so their guards stand aside for this transaction.
    """
    guarded = ("persons.link", "persons.alias", "ledger.entry", "ledger.posting", "ledger.account")
    for table in guarded:
        connection.execute(SQL("alter table {} disable trigger user").format(Identifier(*table.split("."))))
    _copy(connection, "somebody", sorted(found.persons))
    learners = {"learners": sorted(found.learners)}
    counts = {place: connection.execute(statement, learners).rowcount for place, statement in _WHO.items()}
    connection.execute("set constraints all immediate")  # what waits for the commit keeps a table from being altered
    for table in guarded:
        connection.execute(SQL("alter table {} enable trigger user").format(Identifier(*table.split("."))))
    return {place: rows for place, rows in counts.items() if rows}


def _blank_lines(
    known: dict[str, Contract], lines: Iterable[tuple[str, str, str, uuid.UUID, int, int]]
) -> Iterator[tuple[Any, ...]]:
    for agency, table, record_id, batch_id, seq, version in sorted(lines):
        event_id = erased.blank_event_id(agency, known[table], batch_id, seq, version or 0)
        yield table, batch_id, seq, record_id, erased.blank_record_id(batch_id, seq), event_id


def _landing(connection: Connection[Any], contract: Contract) -> int:
    """Empty landed rows, and let what is kept by row or event follow."""
    emptied = SQL(", ").join(
        SQL("{} = null").format(Identifier(name))
        for name in ("_person_key", "_id_status", "_source_modified_at", *(f.column for f in contract.landed_fields))
    )
    names = {"table": Identifier(contract.table), "emptied": emptied}
    for statement in (_SEEN_ANEW, _FORGET_ELSEWHERE):
        connection.execute(SQL(statement).format(**names), {"table": contract.table})
    return connection.execute(SQL(_EMPTY_LANDED).format(**names), {"table": contract.table}).rowcount


def _relatives(connection: Connection[Any], known: dict[str, Contract], found: Traces) -> Counts:
    """Rows of others that name the person (a child's, its parent) stay, and name them no more."""
    counts: Counts = {}
    for meant in known.values():
        for contract, naming in naming_fields(known.values(), meant) if meant.identifier_fields else ():
            if not contract.identifier_fields:
                continue
            for agency, words in words_of(found, meant, naming).items():
                names = {"table": Identifier(contract.table), "column": Identifier(naming.column)}
                place = {"agency": agency, "words": sorted(words)}
                rows = connection.execute(SQL(_NAME_NO_MORE).format(**names), place).rowcount
                counts["rows of others"] = counts.get("rows of others", 0) + rows
                connection.execute(
                    _KEPT_BACK_NAMES_NO_MORE,
                    {**place, "table": contract.table, "name": naming.name, "column": naming.column},
                )
                for record_id, data in staged(connection, agency, contract, words):
                    left = erased.without(data, [(naming.name, words)])
                    connection.execute(
                        _OUTBOX_NAMES_NO_MORE,
                        {
                            **place,
                            "source": contract.source,
                            "entity": contract.entity,
                            "record_id": record_id,
                            "data": data,
                            "left": left,
                        },
                    )
    return counts


def blank_sealed(connection: Connection[Any], record: tuple[str, int]) -> None:
    """Throw away the raw text of one line that could not be read and names the person."""
    connection.execute(_EMPTY_UNREAD, record)


def _copy(connection: Connection[Any], table: str, rows: Iterable[tuple[Any, ...] | Record]) -> None:
    with connection.cursor().copy(SQL("copy {} from stdin").format(Identifier(table))) as copy:
        for row in rows:
            copy.write_row(row)


_WORKING_TABLES = SQL("""
create temp table gone (agency_code text, entity_table text, record_id text) on commit drop;
create temp table line (
    entity_table text, batch_id uuid, batch_seq integer, record_id text, blank_id text, event_id uuid
) on commit drop;
create temp table somebody (agency_code text, source_name text, person_id_agency text) on commit drop;
""")
_LINES = """
select g.agency_code, g.entity_table, g.record_id, o.batch_id, o.batch_seq, o.version
from gone as g
inner join connect.batch as b on g.agency_code = b.agency_code and g.entity_table = b.source || '__' || b.entity
inner join connect.outbox as o on b.batch_id = o.batch_id and g.record_id = o.record_id
union
select g.agency_code, g.entity_table, g.record_id, q.batch_id, q.batch_seq, coalesce(q.version, 0)
from gone as g
inner join quarantine.entry as q using (agency_code, entity_table, record_id)
"""
_LANDED_LINES = """
select g.agency_code, g.entity_table, g.record_id, l._batch_id, l._batch_seq, l._version
from gone as g
inner join landing.{table} as l on g.agency_code = l._agency_code and g.record_id = l._record_id
where g.entity_table = %(table)s
"""
_OF_LINE = """
from line
where line.entity_table = %(table)s and l._batch_id = line.batch_id and l._batch_seq = line.batch_seq
    and l._record_id = line.record_id
"""
_SEEN_ANEW = """
update landing.event_seen as s
set event_id = line.event_id
from landing.{table} as l, line
where line.entity_table = %(table)s and l._batch_id = line.batch_id and l._batch_seq = line.batch_seq
    and l._record_id = line.record_id and s.event_id = l._event_id and s.row_id = l._row_id
"""
_FORGET_ELSEWHERE = """
delete from landing.person_elsewhere as e
using landing.{table} as l, line
where line.entity_table = %(table)s and l._batch_id = line.batch_id and l._batch_seq = line.batch_seq
    and l._record_id = line.record_id and e.row_id = l._row_id
"""
_EMPTY_LANDED = (
    """
update landing.{table} as l
set _record_id = line.blank_id, _event_id = line.event_id, _is_deleted = true, {emptied}
"""
    + _OF_LINE
)
_NAME_NO_MORE = """
update landing.{table} as l
set {column} = nullif(array_to_string(array(
    select item from regexp_split_to_table(l.{column}, ',') as item where trim(item) <> all(%(words)s)
), ','), '')
where l._agency_code = %(agency)s
    and exists (select from regexp_split_to_table(l.{column}, ',') as item where trim(item) = any(%(words)s))
"""
_KEPT_BACK_NAMES_NO_MORE = """
update quarantine.entry
set payload = payload - %(name)s - %(column)s, mended = mended - %(name)s - %(column)s
where agency_code = %(agency)s and entity_table = %(table)s and exists (
    select from regexp_split_to_table(
        concat_ws(',', payload ->> %(name)s, payload ->> %(column)s, mended ->> %(name)s, mended ->> %(column)s), ','
    ) as item
    where trim(item) = any(%(words)s)
)
"""
_OUTBOX_NAMES_NO_MORE = """
update connect.outbox as o
set data = %(left)s
from connect.batch as b
where o.batch_id = b.batch_id and b.agency_code = %(agency)s and b.source = %(source)s and b.entity = %(entity)s
    and o.record_id = %(record_id)s and o.data = %(data)s
"""
_EMPTY_UNREAD = """
update quarantine.entry
set sealed = null, status = case when status in ('open', 'mended', 'returned') then 'closed' else status end,
    decided_by = 'erasure', decided_at = now()
where entity_table = %s and quarantine_id = %s
"""
_ELSEWHERE = {
    "outbox": SQL("""
update connect.outbox as o
set record_id = line.blank_id, op = case o.op when 'rejected' then o.op else 'delete' end, data = null,
    modified_at = null, person_key = null, id_status = null, sealed = null, line = null, part = null, field = null
from line
where o.batch_id = line.batch_id and o.batch_seq = line.batch_seq and o.record_id = line.record_id
"""),
    "quarantine": SQL("""
update quarantine.entry as q
set record_id = line.blank_id, event_id = line.event_id, payload = null, sealed = null, mended = null,
    identifiers = null, decided_by = 'erasure', decided_at = now(),
    status = case when q.status in ('open', 'mended', 'returned') then 'closed' else q.status end
from line
where q.entity_table = line.entity_table and q.batch_id = line.batch_id and q.batch_seq = line.batch_seq
    and q.record_id = line.record_id
"""),
    "corrections": SQL("""
update quarantine.correction_row as r
set record_id = null
from gone as g, quarantine.correction as c
where r.correction_id = c.correction_id and c.agency_code = g.agency_code and r.entity_table = g.entity_table
    and r.record_id = g.record_id
"""),
    "side-cars": SQL("""
delete from connect.identity_outbox as o
using gone as g, connect.batch as b
where o.batch_id = b.batch_id and g.agency_code = b.agency_code and g.entity_table = b.source || '__' || b.entity
    and g.record_id = o.record_id
"""),
    "record states": SQL("""
delete from connect.record_state as s
using gone as g
where s.agency_code = g.agency_code and s.source || '__' || s.entity = g.entity_table and s.record_id = g.record_id
"""),
    "facts about persons": SQL("""
delete from landing.person_fact as f
using gone as g
where f.agency_code = g.agency_code and f.entity_table = g.entity_table and f.record_id = g.record_id
"""),
    "vault": SQL("""
delete from vault.identity as i
using gone as g
where i.agency_code = g.agency_code and i.source || '__' || i.entity = g.entity_table and i.record_id = g.record_id
"""),
    "data keys": SQL("delete from vault.data_key where subject = any(%(subjects)s)"),
    "aliases of keys": SQL("delete from vault.person_alias where person_key = any(%(keys)s)"),
}
_WHO = {
    "links": SQL("""
delete from persons.link as l
using somebody as s
where (l.agency_code, l.source_name, l.person_id_agency) = (s.agency_code, s.source_name, s.person_id_agency)
"""),
    "aliases of learners": SQL(
        "delete from persons.alias where learner_key = any(%(learners)s) or into_learner_key = any(%(learners)s)"
    ),
    "questions": SQL("""
delete from persons.candidate as c
where c.learner_key = any(%(learners)s) or c.other_learner_key = any(%(learners)s) or exists (
    select from somebody as s
    where (c.agency_code, c.source_name, c.person_id_agency) = (s.agency_code, s.source_name, s.person_id_agency)
)
"""),
    "decisions": SQL("""
delete from persons.decision as d
where d.learner_key = any(%(learners)s) or d.other_learner_key = any(%(learners)s) or exists (
    select from somebody as s
    where (d.agency_code, d.source_name, d.person_id_agency) = (s.agency_code, s.source_name, s.person_id_agency)
)
"""),
    "postings": SQL("""
with owners as materialized (
    select distinct p.agency_code, p.owner_id
    from ledger.posting as p
    inner join gone as g
        on p.agency_code = g.agency_code and g.entity_table in (p.source_entity, 'credit_bank__' || p.source_entity)
        and p.record_id = g.record_id
),

posted as materialized (
    select p.posting_id from ledger.posting as p inner join owners using (agency_code, owner_id)
),

disagreed as (
    delete from ledger.disagreement as d using owners as o
    where d.agency_code = o.agency_code and d.owner_id = o.owner_id
),

marked as (
    delete from ledger.mark as m using owners as o where m.agency_code = o.agency_code and m.owner_id = o.owner_id
),

entered as (
    delete from ledger.entry as e using posted where e.posting_id = posted.posting_id
)

delete from ledger.posting as p using posted where p.posting_id = posted.posting_id
"""),
    "accounts": SQL("""
delete from ledger.account as a
where a.kind <> 'issued' and not exists (select from ledger.entry as e where e.account_key = a.account_key)
"""),
}
