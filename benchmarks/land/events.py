"""The records of ``bench land``: results of pupils (oneroster.results), some 500 bytes a message, made from a number.

Real envelope, real header, real manifests: a school's delivery after the other, as the outbox would publish them.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Iterator

import msgspec

from pipeline import contracts, envelope, names
from pipeline.contracts import Contract
from pipeline.db import connect
from pipeline.settings import Settings

SOURCE, ENTITY = "oneroster", "results"
TABLE = names.table(SOURCE, ENTITY)
TOPIC = names.topic(SOURCE, ENTITY)
SHORT_TOPIC = "bench.results.short"
"""the first of the same messages, for those who need too long for all of them"""
PARTITIONS = 4
BATCH_ROWS = 25_000
_EPOCH = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
_FIRST_DAY = dt.date(2026, 2, 23)
_HEADS = uuid.UUID("5d1f6a52-1a52-4c63-9d5e-0b5f3c8e7a10")


def contract(settings: Settings) -> Contract:
    """The contract of the records."""
    return contracts.load_all(settings.contracts_dir)[SOURCE, ENTITY]


def agency(batch: int) -> str:
    """Agency of the n-th delivery; twenty schools' systems take turns."""
    return f"sch-bench-{batch % 20:02d}"


def batch_id(batch: int) -> uuid.UUID:
    """Batch of the n-th delivery."""
    return envelope.batch_id(_delivery_id(batch), ENTITY)


def messages(first: int, end: int) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(key, value, batch id as the header has it) of the records from ``first`` up to, not including, ``end``."""
    encode, named = msgspec.json.encode, functools.cache(batch_id)
    for number in range(first, end):
        batch, seq = divmod(number, BATCH_ROWS)
        whose, of_batch = agency(batch), named(batch)
        record_id = f"res-{number:010d}"
        event = envelope.Event(
            id=envelope.event_id(whose, SOURCE, ENTITY, record_id, 1),
            source=whose,
            type=TOPIC,
            subject=record_id,
            time=_EPOCH + dt.timedelta(microseconds=number * 37),
            batchid=of_batch,
            batchseq=seq,
            version=1,
            op="upsert",
            data=msgspec.Raw(encode(_payload(number, record_id))),
        )
        yield names.message_key(whose, record_id), envelope.encode(event), of_batch.bytes


def _payload(number: int, record_id: str) -> dict[str, str]:
    pupil = number * 7919 % 1_000_003
    return {
        "sourcedId": record_id,
        "lineItemSourcedId": f"line-{number // 40:09d}",
        "studentSourcedId": f"user-{pupil:09d}",
        "scoreStatus": "fully graded" if number % 9 else "partially graded",
        "score": f"{number % 201 / 2:.1f}",
        "scoreDate": (_FIRST_DAY + dt.timedelta(days=number % 120)).isoformat(),
        "classSourcedId": f"class-{pupil % 40_009:07d}",
        "inProgress": "false",
        "late": "true" if number % 13 == 0 else "false",
    }


def expect(settings: Settings, rows: int) -> None:
    """Write the manifests of so many records, all published."""
    with connect(settings, "flyover_owner") as connection:
        for batch in range(-(-rows // BATCH_ROWS)):
            delivery, expected = _delivery_id(batch), min(BATCH_ROWS, rows - batch * BATCH_ROWS)
            connection.execute(
                "insert into connect.delivery (delivery_id, agency_code, source, mode, origin, status, read_rows, "
                "started_at) values (%s, %s, %s, 'bulk', 'benchmark', 'published', %s, now())",
                (delivery, agency(batch), SOURCE, expected),
            )
            connection.execute(
                "insert into connect.batch (batch_id, delivery_id, agency_code, source, entity, topic, expected_rows, "
                "published_at) values (%s, %s, %s, %s, %s, %s, %s, now())",
                (batch_id(batch), delivery, agency(batch), SOURCE, ENTITY, TOPIC, expected),
            )


def _delivery_id(batch: int) -> uuid.UUID:
    return uuid.uuid5(_HEADS, str(batch))
