"""What a delivery is to the rest of the house, and how it is written down in ``connect.delivery``."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.db import Connection

Mode = Literal["bulk", "delta", "append", "replay"]


@dataclass(frozen=True)
class StagedBatch:
    """The manifest of one entity of a delivery. ``expected_rows`` events will be published."""

    batch_id: uuid.UUID
    entity: str
    topic: str
    expected_rows: int
    unchanged_rows: int
    deleted_rows: int
    rejected_rows: int
    deletes_held: bool


@dataclass(frozen=True)
class Delivery:
    """What became of one pull: no batch for an entity of which nothing is to be published."""

    delivery_id: uuid.UUID
    agency_code: str
    source: str
    batches: tuple[StagedBatch, ...]
    read_rows: int
    unchanged_rows: int
    superseded: tuple[str, ...] = ()
    """replays only: record ids left out because the agency has meanwhile said something newer"""


@dataclass(frozen=True)
class Arrival:
    """A delivery at the door: from whom, what, when."""

    delivery_id: uuid.UUID
    agency_code: str
    source: str
    mode: Mode
    origin: str
    """name of the file or folder, as it may be shown"""
    content_sha256: bytes | None
    started_at: dt.datetime


def write(connection: Connection[Any], arrival: Arrival) -> None:
    """Write the delivery down; its counts follow with :func:`close`."""
    connection.execute(
        "insert into connect.delivery "
        "(delivery_id, agency_code, source, mode, origin, content_sha256, status, read_rows, started_at, staged_at) "
        "values (%(delivery_id)s, %(agency_code)s, %(source)s, %(mode)s, %(origin)s, %(content_sha256)s, 'staged', 0, "
        "%(started_at)s, clock_timestamp())",
        vars(arrival),
    )


def close(connection: Connection[Any], delivery_id: uuid.UUID, read_rows: int, unchanged_rows: int) -> None:
    """Fill in the counts. A delivery without a manifest has nothing to publish and counts as published."""
    connection.execute(
        "update connect.delivery set read_rows = %(read)s, unchanged_rows = %(unchanged)s where delivery_id = %(id)s",
        {"read": read_rows, "unchanged": unchanged_rows, "id": delivery_id},
    )
    mark_published(connection, delivery_id)


def mark_published(connection: Connection[Any], delivery_id: uuid.UUID) -> None:
    """Mark the delivery as published once each of its batches is.

    Whoever publishes another of its batches at the same time waits for the other here: each would miss the other's
    mark and none would close the delivery.
    """
    connection.execute("select from connect.delivery where delivery_id = %s for update", (delivery_id,))
    connection.execute(
        "update connect.delivery set status = 'published', published_at = now() where delivery_id = %(id)s "
        "and not exists (select from connect.batch where delivery_id = %(id)s and published_at is null)",
        {"id": delivery_id},
    )


def read(connection: Connection[Any], delivery_id: uuid.UUID) -> Delivery | None:
    """A delivery as it was staged, its batches in the order they were; None when there is no such delivery."""
    found = connection.execute(
        "select agency_code, source, read_rows, unchanged_rows from connect.delivery where delivery_id = %s",
        (delivery_id,),
    ).fetchone()
    if found is None:
        return None
    batches = connection.execute(
        "select batch_id, entity, topic, expected_rows, unchanged_rows, deleted_rows, rejected_rows, deletes_held "
        "from connect.batch where delivery_id = %s order by staged_at, entity",
        (delivery_id,),
    )
    agency_code, source, read_rows, unchanged_rows = found
    staged = tuple(StagedBatch(*row) for row in batches)
    return Delivery(delivery_id, agency_code, source, staged, read_rows, unchanged_rows)
