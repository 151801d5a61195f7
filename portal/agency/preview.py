"""What would become of a delivery: staged, landed and judged in one transaction that is always rolled back.

The same code as for a real delivery, over what the agency sent before: the reader, the edge, the outbox, the sink and
the rules. Two steps are left out: the topics in between (the messages are handed over in memory), and Great
Expectations, which sees only what is committed; the rows are found by the SQL made from the same rules, which a real
judgement holds against it each time. Nothing is kept, no other delivery waits; only numbers of sequences are used up.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from connectors import outbox, producer
from connectors.delivery import Arrival, Delivery, StagedBatch
from connectors.drain import KNEE_ROWS, Place
from connectors.edge import stable_key
from connectors.pull import tables_of
from connectors.registry import Agency
from connectors.sink import LandingLander
from connectors.staging import Progress
from expectations.judging import duplicates, settle
from expectations.judging.settle import Batch
from expectations.rules import suites
from pipeline import envelope, names
from pipeline.db import Connection, connect
from pipeline.pseudonyms import safe_record_id
from pipeline.settings import Settings
from portal.agency import desk, receipts
from portal.agency.receipt import Receipt

ROLE = "flyover_preview"


class _Record(NamedTuple):
    """A message as a consumer would hand it over."""

    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    offset: int


@contextmanager
def previewed(
    settings: Settings, agency: Agency, origin: Path, progress: Progress | None = None
) -> Iterator[tuple[Connection[Any], Receipt]]:
    """The receipt that this file or folder would get, with the connection that still sees its rows.

    :raises BadInput: what makes the whole delivery unusable
    :raises SystemTrouble: the database is away
    """
    now = dt.datetime.now(dt.UTC)
    with tables_of(agency, origin) as tables, connect(settings, ROLE) as connection:
        shown = safe_record_id(origin.name, stable_key(settings.secrets))
        arrival = Arrival(uuid.uuid4(), agency.agency_code, agency.source, "delta", shown, None, now)
        try:
            staged = outbox.try_out(connection, settings, agency, arrival, tables, progress)
            for batch in staged.batches:
                _land(connection, settings, batch)
            _judge(connection, settings, staged)
            desk.look_as(connection, agency.agency_code)
            receipt = receipts.gather(connection, settings, agency, arrival.delivery_id)
            assert receipt is not None  # noqa: S101 - this transaction has just written it
            yield connection, replace(receipt, is_preview=True)
        finally:
            connection.rollback()


def _land(connection: Connection[Any], settings: Settings, batch: StagedBatch) -> None:
    lander, place = LandingLander(settings), Place(batch.topic, uuid.uuid4(), 0)
    headers = ((envelope.BATCH_HEADER, batch.batch_id.bytes),)
    values = producer.messages(connection, batch.batch_id)
    offsets = itertools.count()
    while chunk := [_Record(None, value, headers, next(offsets)) for value in itertools.islice(values, KNEE_ROWS)]:
        lander.meet(connection, {place: chunk})
        lander.land(connection, {place: chunk})


def _judge(connection: Connection[Any], settings: Settings, staged: Delivery) -> None:
    known = suites.load(suites.SUITES, settings.contracts_dir)
    for batch in staged.batches:
        suite = known[names.table(staged.source, batch.entity)]
        duplicates.mark(connection, suite.table, batch.batch_id)
        waiting = Batch(batch.batch_id, staged.agency_code, batch.entity, batch.expected_rows, None)
        settle.try_out(connection, suite, waiting)
