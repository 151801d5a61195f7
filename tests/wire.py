"""Puts batches on the wire without an agency: a manifest in ``connect`` and its events in Kafka."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors import vault
from pipeline import contracts, envelope, kafka, names
from pipeline.db import SQL, Identifier, connect
from pipeline.sealing import seal
from pipeline.settings import Settings
from stack import postgres


@dataclass(frozen=True)
class Line:
    """One line of a manifest: a payload, or raw bytes to send as they are."""

    record_id: str
    data: dict[str, Any] | None = None
    version: int = 1
    op: str = "upsert"
    reason: str | None = None
    raw: bytes | None = None


def org(number: int, **other: Any) -> Line:
    """A good line of ``oneroster.orgs``."""
    record_id = f"org-{number}"
    return Line(record_id, {"sourcedId": record_id, "name": f"School {number}", "type": "school", **other})


def open_batch(
    settings: Settings, expected: int, *, source: str = "oneroster", entity: str = "orgs", agency: str = "sch-test"
) -> uuid.UUID:
    """Write a delivery and one manifest; returns the batch id."""
    delivery = uuid.uuid4()
    batch = envelope.batch_id(delivery, entity)
    topic = names.topic(source, entity)
    with connect(settings, "flyover_connector") as connection:
        connection.execute(
            "insert into connect.delivery (delivery_id, agency_code, source, mode, origin, status, read_rows, "
            "started_at) values (%s, %s, %s, 'bulk', 'test.zip', 'published', %s, now())",
            (delivery, agency, source, expected),
        )
        connection.execute(
            "insert into connect.batch (batch_id, delivery_id, agency_code, source, entity, topic, expected_rows, "
            "published_at) values (%s, %s, %s, %s, %s, %s, %s, now())",
            (batch, delivery, agency, source, entity, topic, expected),
        )
    return batch


def event_of(
    settings: Settings, batch: uuid.UUID, seq: int, line: Line, source: str, entity: str, agency: str
) -> bytes:
    """Message value of a line."""
    table = names.table(source, entity)
    sealed = seal(settings.secrets.quarantine_key, b"raw", b"quarantine:" + table.encode()) if line.reason else None
    return envelope.encode(
        envelope.Event(
            id=envelope.event_id(agency, source, entity, line.record_id, line.version),
            source=agency,
            type=names.topic(source, entity),
            subject=line.record_id,
            time=dt.datetime.now(dt.UTC),
            batchid=batch,
            batchseq=seq,
            version=line.version,
            op=line.op,  # type: ignore[arg-type]
            data=msgspec.Raw(json.dumps(line.data).encode()),
            reason=line.reason,
            sealed=sealed,
        )
    )


def send(
    settings: Settings,
    batch: uuid.UUID,
    lines: Sequence[Line],
    *,
    first_seq: int = 0,
    source: str = "oneroster",
    entity: str = "orgs",
    agency: str = "sch-test",
) -> None:
    """Publish lines as the batch's ordinals from ``first_seq`` on, and wait for the broker."""
    topic = contracts.load_all(settings.contracts_dir)[source, entity].topic
    kafka.ensure_topics(settings, [topic])
    with kafka.Publisher(settings) as publisher:
        for seq, line in enumerate(lines, first_seq):
            value = line.raw if line.raw is not None else event_of(settings, batch, seq, line, source, entity, agency)
            publisher.send(
                topic,
                names.message_key(agency, line.record_id),
                value,
                [(envelope.BATCH_HEADER, batch.bytes)],
            )
        publisher.flush()


def send_identities(settings: Settings, count: int, agency: str = "sch-test") -> None:
    """Publish sealed identities (of nobody) to the vault topic."""
    kafka.ensure_topics(settings, [names.VAULT_TOPIC])
    with kafka.Publisher(settings) as publisher:
        for number in range(count):
            record_id = f"user-{number}"
            sidecar = vault.SideCar(agency, "oneroster", "users", record_id, 1, f"subject-{number}", b"sealed")
            publisher.send(names.VAULT_TOPIC, names.message_key(agency, record_id), vault.encode(sidecar))
        publisher.flush()


def copy_manifests(origin: Settings, target: Settings) -> None:
    """Let a second database expect the batches of the first, so that both can land the same topics."""
    with connect(origin, "engineer") as read, connect(target, postgres.SUPERUSER) as write:
        for relation in ("delivery", "batch"):
            table = Identifier("connect", relation)
            with (
                read.cursor().copy(SQL("copy (select * from {}) to stdout").format(table)) as out,
                write.cursor().copy(SQL("copy {} from stdin").format(table)) as into,
            ):
                for chunk in out:
                    into.write(chunk)
