"""Deliveries of results as the outbox holds them before they are published, made by the server."""

from __future__ import annotations

import uuid

from benchmarks.land import events
from pipeline.db import SQL, connect
from pipeline.settings import Settings

_ROWS = SQL(
    """
insert into connect.outbox (batch_id, batch_seq, record_id, version, op, data)
select
    %(batch)s, n, 'res-' || lpad((%(first)s + n)::text, 10, '0'), 1, 'upsert',
    convert_to(
        json_build_object(
            'sourcedId', 'res-' || lpad((%(first)s + n)::text, 10, '0'),
            'lineItemSourcedId', 'line-' || lpad((n / 40)::text, 9, '0'),
            'studentSourcedId', 'user-' || lpad((n * 7919 %% 100003)::text, 9, '0'),
            'scoreStatus', 'fully graded', 'score', (n %% 201 / 2.0)::numeric(5, 1)::text, 'scoreDate', '2026-03-02',
            'classSourcedId', 'class-' || lpad((n %% 40009)::text, 7, '0'), 'inProgress', 'false', 'late', 'false'
        )::text, 'UTF8'
    )
from generate_series(0, %(rows)s - 1) as n
"""
)


def stage(settings: Settings, rows: int) -> None:
    """One delivery after the other, each a batch, none published."""
    with connect(settings, "flyover_owner") as connection:
        for first in range(0, rows, events.BATCH_ROWS):
            delivery, batch, count = uuid.uuid4(), uuid.uuid4(), min(events.BATCH_ROWS, rows - first)
            connection.execute(
                "insert into connect.delivery (delivery_id, agency_code, source, mode, origin, status, read_rows, "
                "started_at) values (%s, %s, %s, 'bulk', 'benchmark', 'staged', %s, now())",
                (delivery, events.agency(first // events.BATCH_ROWS), events.SOURCE, count),
            )
            connection.execute(
                "insert into connect.batch (batch_id, delivery_id, agency_code, source, entity, topic, expected_rows) "
                "values (%s, %s, %s, %s, %s, %s, %s)",
                (
                    batch,
                    delivery,
                    events.agency(first // events.BATCH_ROWS),
                    events.SOURCE,
                    events.ENTITY,
                    events.TOPIC,
                    count,
                ),
            )
            connection.execute(_ROWS, {"batch": batch, "first": first, "rows": count})
    with connect(settings, "flyover_owner", autocommit=True) as connection:
        connection.execute("vacuum (analyze) connect.outbox")
