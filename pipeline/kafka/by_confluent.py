"""The reader and the sender over confluent-kafka: a C library that packs, checks and moves in threads of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from pipeline.errors import SystemTrouble
from pipeline.kafka import patience
from pipeline.kafka.admin import MAX_MESSAGE_BYTES, Position
from pipeline.kafka.publishing import BATCH_BYTES, COMPRESSION, LINGER_MS, Headers, partition_of
from pipeline.kafka.reading import Record
from pipeline.settings import Settings

log = logging.getLogger(__name__)
_AHEAD_KB = 16 * 1024
"""Fetched before it is asked for: the library's own 64 MB a partition would be a drain's whole memory."""


class ConfluentReader:
    """See :class:`~pipeline.kafka.reading.Reader`."""

    def __init__(self, settings: Settings, positions: Iterable[Position], fetch_bytes: int) -> None:
        self._settings = settings
        self._consumer = Consumer(
            {
                "bootstrap.servers": settings.kafka_bootstrap,
                "client.id": "flyover-drain",
                "group.id": "flyover-drain",  # asked for by the library; no group is ever joined
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "error",
                "check.crcs": True,
                "fetch.max.bytes": max(fetch_bytes, 16 * 1024),
                "max.partition.fetch.bytes": fetch_bytes,
                "message.max.bytes": max(fetch_bytes, 16 * 1024),
                "queued.max.messages.kbytes": _AHEAD_KB,
                "socket.timeout.ms": patience.REQUEST_MS,
                "log_level": 3,
            },
            logger=log,
        )
        self._assigned = [TopicPartition(p.topic, p.partition, p.offset) for p in positions]
        with _trouble(self._settings):
            self._consumer.assign(self._assigned)

    def __enter__(self) -> ConfluentReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self._consumer.close()

    def bounds(self) -> Mapping[tuple[str, int], tuple[int, int]]:
        """(first kept offset, end offset) of every assigned partition."""
        bounds = {}
        with _trouble(self._settings):
            for tp in self._assigned:
                bounds[tp.topic, tp.partition] = self._consumer.get_watermark_offsets(
                    TopicPartition(tp.topic, tp.partition), timeout=patience.BOOTSTRAP_MS / 1000
                )
        return bounds

    def poll(self, max_records: int, timeout_ms: int = 1_000) -> Iterator[tuple[tuple[str, int], list[Record]]]:
        """Records fetched at once, by (topic, partition), each list in offset order."""
        with _trouble(self._settings):
            messages = self._consumer.consume(max_records, timeout_ms / 1000)
        fetched: dict[tuple[str, int], list[Record]] = {}
        place, records = None, []
        for message in messages:
            if message.error() is not None:
                self._hear(message)
                continue
            at = message.topic(), message.partition()
            if at != place:
                place, records = at, fetched.setdefault(at, [])
            records.append(Record(message.offset(), message.key(), message.value(), message.headers() or ()))
        yield from fetched.items()

    def seek(self, position: Position) -> None:
        """Go on reading a partition from another place."""
        with _trouble(self._settings):
            self._consumer.seek(TopicPartition(position.topic, position.partition, position.offset))

    def _hear(self, message: Message) -> None:
        """What the library has to say of a partition; what it mends by itself is no trouble yet.

        :raises SystemTrouble: when it will not go on by itself
        """
        error = message.error()
        if not error.retriable():
            raise _away(self._settings, error.name())


class ConfluentPublisher:
    """See :class:`~pipeline.kafka.publishing.Sender`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._failed: str | None = None
        self._partitions: dict[str, int] = {}
        self._producer = Producer(
            {
                "bootstrap.servers": settings.kafka_bootstrap,
                "client.id": "flyover-outbox",
                "acks": "all",
                "enable.idempotence": True,
                "compression.type": COMPRESSION,
                "linger.ms": LINGER_MS,
                "batch.size": BATCH_BYTES,
                "message.max.bytes": MAX_MESSAGE_BYTES,
                "queue.buffering.max.kbytes": _AHEAD_KB,
                "socket.timeout.ms": patience.REQUEST_MS,
                "delivery.timeout.ms": patience.DELIVERY_MS,
                "delivery.report.only.error": True,
                "log_level": 3,
            },
            logger=log,
        )

    def __enter__(self) -> ConfluentPublisher:
        return self

    def __exit__(self, *exc: object) -> None:
        self._producer.purge()  # what was not confirmed is not marked as published: it is sent again
        self._producer.flush(0)

    def send(self, topic: str, key: bytes, value: bytes, headers: Headers = ()) -> None:
        """Hand one message over; it is on the broker only after :meth:`flush`."""
        if (partitions := self._partitions.get(topic)) is None:
            partitions = self._partitions[topic] = self._partitions_of(topic)
        partition, headed = partition_of(key, partitions), list(headers)
        while True:
            try:
                self._producer.produce(topic, value, key, partition, on_delivery=self._note, headers=headed)
            except BufferError:  # more is ahead than may be: let some of it go
                self._producer.poll(0.1)
                self._raise_failure()
            except KafkaException as error:
                raise _away(self._settings, error.args[0].name()) from error
            else:
                return

    def flush(self) -> None:
        """Wait until all that was sent is confirmed by the broker.

        :raises SystemTrouble: when one message was not; send the batch again
        """
        left = self._producer.flush(patience.DELIVERY_MS / 1000)
        if left:
            raise _away(self._settings, "messages were not confirmed")
        self._raise_failure()

    def _partitions_of(self, topic: str) -> int:
        with _trouble(self._settings):
            return len(self._producer.list_topics(topic, patience.BOOTSTRAP_MS / 1000).topics[topic].partitions)

    def _raise_failure(self) -> None:
        if self._failed is not None:
            raise SystemTrouble(
                f"Kafka at {self._settings.kafka_bootstrap} refused a message ({self._failed}); "
                "the batch stays in the outbox and is sent again"
            )

    def _note(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._failed = error.name()


@contextmanager
def _trouble(settings: Settings) -> Iterator[None]:
    try:
        yield
    except KafkaException as error:
        raise _away(settings, error.args[0].name()) from error


def _away(settings: Settings, what: str) -> SystemTrouble:
    return SystemTrouble(f"Kafka at {settings.kafka_bootstrap} does not answer ({what}). See ./flyover status")
