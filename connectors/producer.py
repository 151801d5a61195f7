"""The publisher: batches of the outbox onto Kafka, oldest first, each marked as published once the broker has it all.

A batch is sent row by row from a server-side cursor in its own transaction, together with its identity side-cars;
``published_at`` is set after the flush. If anything fails before that, nothing is marked and the batch is sent again
from its start: the same events under the same ids and ordinals, which landing and judge count once.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import delivery, vault
from connectors.event_lines import EventLines
from pipeline import contracts, envelope, kafka, names
from pipeline.db import Connection, connect, patiently, stage_run
from pipeline.settings import Settings

ROLE = "flyover_connector"
_FETCH_ROWS = 5_000


@dataclass
class PublishReport:
    """What one call published: batches by id, events sent and identity side-cars sent."""

    batches: list[uuid.UUID]
    rows: int = 0
    identities: int = 0


@dataclass(frozen=True)
class _Batch:
    batch_id: uuid.UUID
    delivery_id: uuid.UUID
    agency_code: str
    source: str
    entity: str
    topic: str
    replay_of: uuid.UUID | None


def publish(settings: Settings, *, source: str | None = None) -> PublishReport:
    """Publish every staged batch that is not published yet (of one source, or of all). Safe to repeat.

    Two publishers share the work: each takes batches the other does not hold. While Kafka or PostgreSQL is away it
    waits; nothing is marked meanwhile.

    :raises SystemTrouble: when a server is still away after ten minutes (retriable)
    """
    report = PublishReport([])
    for waiting in patiently(lambda: _sources_waiting(settings, source)):
        with stage_run(settings, ROLE, "publish", waiting) as outcome:
            before = report.rows
            patiently(lambda waiting=waiting: _publish_source(settings, waiting, report))  # type: ignore[misc]
            outcome["rows"] = report.rows - before
    return report


def resend(settings: Settings, batch_ids: Sequence[uuid.UUID]) -> PublishReport:
    """Send batches again, published or not, for a broker that lost what it had; :func:`unlanded` names them.

    Their events keep id and ordinal, so a copy that did land before is not counted twice.
    """

    def mark() -> None:
        with connect(settings, ROLE) as connection:
            connection.execute(
                "update connect.batch set published_at = null where batch_id = any(%s)", (list(batch_ids),)
            )

    patiently(mark)
    return publish(settings)


def unlanded(settings: Settings, source: str | None = None) -> list[uuid.UUID]:
    """Batches that were published and have not arrived whole, oldest first: under way, or lost with a broker.

    A batch whose rows have all landed counts too while an identity of it has not reached the vault.
    """

    def ask() -> list[uuid.UUID]:
        with connect(settings, ROLE) as connection:
            return [batch_id for (batch_id,) in connection.execute(_UNLANDED, {"source": source})]

    return patiently(ask)


_UNLANDED = """
select b.batch_id
from connect.batch as b
left join quality.batch as q on b.batch_id = q.batch_id
where b.published_at is not null
    and (%(source)s::text is null or b.source = %(source)s)
    and (
        q.status = 'landing'
        or (q.batch_id is null and b.expected_rows > 0)
        or exists (
            select from connect.identity_outbox as i
            where i.batch_id = b.batch_id
                and not exists (
                    select from vault.identity as v
                    where v.agency_code = b.agency_code and v.source = b.source and v.entity = b.entity
                        and v.record_id = i.record_id and v.version = i.version
                )
                and not exists (select from vault.erased as e where e.subject = i.subject)
        )
    )
order by b.staged_at, b.batch_id
"""


def _sources_waiting(settings: Settings, source: str | None) -> list[str]:
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select distinct source from connect.batch where published_at is null "
            "and (%(source)s::text is null or source = %(source)s) order by source",
            {"source": source},
        )
        return [name for (name,) in found]


def _publish_source(settings: Settings, source: str, report: PublishReport) -> None:
    topics = [contract.topic for contract in contracts.of_source(settings.contracts_dir, source)]
    kafka.ensure_topics(settings, [*topics, names.VAULT_TOPIC])
    with kafka.publisher(settings) as publisher, connect(settings, ROLE) as connection:
        while True:
            with connection.transaction():
                batch = _take_oldest(connection, source)
                if batch is None:
                    return
                messages, identities = _send(connection, publisher, batch)
                publisher.flush()
                _mark(connection, batch)
            report.batches.append(batch.batch_id)
            report.rows += messages
            report.identities += identities


def _take_oldest(connection: Connection[Any], source: str) -> _Batch | None:
    """The oldest waiting batch no other publisher holds, locked until the transaction ends."""
    row = connection.execute(
        "select batch_id, delivery_id, agency_code, source, entity, topic, replay_of from connect.batch "
        "where published_at is null and source = %s order by staged_at, batch_id limit 1 for update skip locked",
        (source,),
    ).fetchone()
    return None if row is None else _Batch(*row)


def _send(connection: Connection[Any], publisher: kafka.Sender, batch: _Batch) -> tuple[int, int]:
    messages = identities = 0
    headers = ((envelope.BATCH_HEADER, batch.batch_id.bytes),)
    for record_id, value in _sidecars(connection, batch):
        publisher.send(names.VAULT_TOPIC, names.message_key(batch.agency_code, record_id), value)
        identities += 1
    for record_id, value in _events(connection, batch):
        publisher.send(batch.topic, names.message_key(batch.agency_code, record_id), value, headers)
        messages += 1
    return messages, identities


def messages(connection: Connection[Any], batch_id: uuid.UUID) -> Iterator[bytes]:
    """Message values of one staged batch, as they would be published, in the manifest's order."""
    row = connection.execute(
        "select batch_id, delivery_id, agency_code, source, entity, topic, replay_of from connect.batch "
        "where batch_id = %s",
        (batch_id,),
    ).fetchone()
    if row is not None:
        yield from (value for _, value in _events(connection, _Batch(*row)))


def _events(connection: Connection[Any], batch: _Batch) -> Iterator[tuple[str, bytes]]:
    """(record id, message value) of every line of the manifest, in its order."""
    lines = EventLines(
        agency_code=batch.agency_code,
        source=batch.source,
        entity=batch.entity,
        topic=batch.topic,
        batch_id=batch.batch_id,
        delivery_id=batch.delivery_id,
        replay_of=batch.replay_of,
    )
    with connection.cursor(name="events") as rows:
        rows.itersize = _FETCH_ROWS
        rows.execute(
            "select batch_seq, record_id, version, op, modified_at, person_key, id_status, reason, data, sealed "
            "from connect.outbox where batch_id = %s order by batch_seq",
            (batch.batch_id,),
            binary=True,
        )
        for line in rows:
            yield line[1], lines.encode(*line)


def _sidecars(connection: Connection[Any], batch: _Batch) -> Iterator[tuple[str, bytes]]:
    """(record id, message value) of the batch's side-cars; whoever was erased since staging is left out."""
    with connection.cursor(name="sidecars") as rows:
        rows.itersize = _FETCH_ROWS
        rows.execute(
            "select i.record_id, i.version, i.person_key, i.id_status, i.subject, i.sealed "
            "from connect.identity_outbox as i where i.batch_id = %s "
            "and not exists (select from vault.erased as e where e.subject = i.subject) order by i.batch_seq",
            (batch.batch_id,),
        )
        for record_id, version, key, status, subject, sealed in rows:
            yield (
                record_id,
                vault.encode(
                    vault.SideCar(
                        agency_code=batch.agency_code,
                        source=batch.source,
                        entity=batch.entity,
                        record_id=record_id,
                        version=version,
                        subject=subject,
                        sealed=sealed,
                        person_key=key,
                        id_status=status,
                    )
                ),
            )


def _mark(connection: Connection[Any], batch: _Batch) -> None:
    connection.execute("update connect.batch set published_at = now() where batch_id = %s", (batch.batch_id,))
    delivery.mark_published(connection, batch.delivery_id)
