"""What the sink writes, inside the transaction that moves its offset: rows, what was put aside, the batches' counts."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.landing_rows import columns
from pipeline import names
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, Identifier, quicken_bytes


def copy_rows(connection: Connection, contract: Contract, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows as :mod:`connectors.landing_rows` makes them by binary COPY.

    The server takes them in while they are being made, so hand them over one by one.
    """
    statement = SQL("copy landing.{} ({}) from stdin (format binary)").format(
        Identifier(contract.table), SQL(", ").join(Identifier(name) for name, _ in columns(contract))
    )
    cursor = connection.cursor()
    quicken_bytes(cursor)
    with cursor.copy(statement) as copy:
        copy.set_types([sent_as for _, sent_as in columns(contract)])
        write = copy.write_row
        for row in rows:
            write(row)


def insert_entries(connection: Connection, entries: Sequence[Mapping[str, Any]]) -> Counter[uuid.UUID]:
    """Put lines aside that could not be parsed or typed; a copy of a line changes nothing. Counts them by batch."""
    counted: Counter[uuid.UUID] = Counter()
    for entry in entries:
        connection.execute(
            "insert into quarantine.entry (entity_table, batch_id, batch_seq, event_id, agency_code, record_id, "
            "version, stage, rule_ids, sealed, detail) values (%(entity_table)s, %(batch_id)s, %(batch_seq)s, "
            "%(event_id)s, %(agency_code)s, %(record_id)s, %(version)s, %(stage)s, %(rule_ids)s, %(sealed)s, "
            "%(detail)s) on conflict (entity_table, batch_id, batch_seq) do nothing",
            entry,
        )
        counted[entry["batch_id"]] += 1
    return counted


def insert_undecodable(connection: Connection, found: Sequence[Mapping[str, Any]]) -> Counter[uuid.UUID]:
    """What is there already was written by a drain that has taken over; moving the offset will say so and undo this."""
    counted: Counter[uuid.UUID] = Counter()
    for bytes_ in found:
        connection.execute(
            'insert into quarantine.undecodable (topic, topic_id, partition, "offset", batch_id, fingerprint, '
            "sealed_key, sealed_value, error) values (%(topic)s, %(topic_id)s, %(partition)s, %(offset)s, "
            "%(batch_id)s, %(fingerprint)s, %(sealed_key)s, %(sealed_value)s, %(error)s) "
            'on conflict (topic_id, partition, "offset") do nothing',
            bytes_,
        )
        if bytes_["batch_id"] is not None:
            counted[bytes_["batch_id"]] += 1
    return counted


def count_landed(connection: Connection, landed: Mapping[uuid.UUID, int]) -> list[uuid.UUID]:
    """Add to the batches' counts, in a fixed order so that drains never wait in a ring; close whole ones."""
    whole = []
    for batch_id in sorted(landed):
        row = connection.execute(
            "update quality.batch set landed_rows = landed_rows + %s where batch_id = %s "
            "returning source, entity, status = 'landing' and landed_rows >= received, "
            "status not in ('landing', 'landed')",
            (landed[batch_id], batch_id),
        ).fetchone()
        if row is not None and row[3]:
            _hide_late_copies(connection, batch_id, row[0], row[1])
        elif row is not None and row[2] and _is_whole(connection, batch_id, row[0], row[1]):
            connection.execute(
                "update quality.batch set status = 'landed', landed_at = now() where batch_id = %s", (batch_id,)
            )
            whole.append(batch_id)
    return whole


def _hide_late_copies(connection: Connection, batch_id: uuid.UUID, source: str, entity: str) -> None:
    """Mark what landed of a batch after its judgement.

    Row ids do not tell: they are taken before the commit, so a copy that was landing while its batch was judged may
    carry a lower one than the rows that were judged.
    """
    connection.execute(
        SQL(
            "insert into landing.duplicate (row_id, batch_id, kind) "
            "select l._row_id, l._batch_id, 'redelivered' from landing.{table} as l where l._batch_id = %s "
            "and not exists (select from landing.event_seen as s where s.event_id = l._event_id "
            "and s.row_id = l._row_id) on conflict (row_id) do nothing"
        ).format(table=Identifier(names.table(source, entity))),
        (batch_id,),
    )


def _is_whole(connection: Connection, batch_id: uuid.UUID, source: str, entity: str) -> bool:
    """Whether every line of the manifest is accounted for: re-sent copies must not stand in for missing lines."""
    row = connection.execute(
        SQL(
            "select b.received <= (select count(*) from ("
            "select l._batch_seq from landing.{table} as l where l._batch_id = b.batch_id "
            "union select q.batch_seq from quarantine.{table} as q where q.batch_id = b.batch_id) as lines) "
            "+ (select count(distinct fingerprint) from quarantine.undecodable as u where u.batch_id = b.batch_id) "
            "from quality.batch as b where b.batch_id = %s"
        ).format(table=Identifier(names.table(source, entity))),
        (batch_id,),
    ).fetchone()
    return row is not None and bool(row[0])
