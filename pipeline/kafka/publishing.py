"""The producer: it sends, and confirms that the broker has it all.

kafka-python's is there everywhere; confluent-kafka's where the settings choose that client. A record's partition
follows from its key alone, whichever client sends it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.partitioner import Partitioner

from pipeline.errors import SystemTrouble
from pipeline.kafka import patience
from pipeline.kafka.admin import MAX_MESSAGE_BYTES, away, trouble
from pipeline.kafka.clients import is_confluent
from pipeline.settings import Settings

COMPRESSION, LINGER_MS, BATCH_BYTES = "lz4", 20, 256 * 1024
Headers = Iterable[tuple[str, bytes]]


class Sender(Protocol):
    """Sends messages and confirms them."""

    def send(self, topic: str, key: bytes, value: bytes, headers: Headers = ()) -> None:
        """Hand one message over; it is on the broker only after :meth:`flush`."""
        ...

    def flush(self) -> None:
        """Wait until all that was sent is confirmed by the broker.

        :raises SystemTrouble: when one message was not; send the batch again
        """
        ...


def publisher(settings: Settings) -> AbstractContextManager[Sender]:
    """A sender by the client that the settings choose.

    :raises ConfigurationError: for a client there is none of, or that is not installed
    :raises SystemTrouble: when the broker does not answer
    """
    if not is_confluent(settings):
        return Publisher(settings)
    from pipeline.kafka.by_confluent import ConfluentPublisher

    return ConfluentPublisher(settings)


def partition_of(key: bytes, partitions: int) -> int:
    """Partition of a key by CRC-32: all versions of a record fall into one."""
    return zlib.crc32(key) % partitions


class KeyPartitioner(Partitioner):  # type: ignore[misc]
    """Partition of a key by CRC-32: the client's own hash, in Python, costs a third of sending a message.

    All versions of a record fall into one partition; another producer's choice would differ, and only ours write.
    """

    def partition(
        self, topic: str, key: object, serialized_key: bytes, value: object, serialized_value: object, cluster: Any
    ) -> int:
        """Partition for a key; every message of ours has one."""
        return partition_of(serialized_key, len(cluster.partitions_for_topic(topic)))


class Publisher:
    """Sends messages and confirms them: after :meth:`flush` every message is on the broker, or it raises."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        with trouble(settings):
            self._producer = KafkaProducer(
                bootstrap_servers=settings.kafka_bootstrap,
                client_id="flyover-outbox",
                acks="all",
                enable_idempotence=True,
                compression_type=COMPRESSION,
                linger_ms=LINGER_MS,
                batch_size=BATCH_BYTES,
                max_request_size=MAX_MESSAGE_BYTES,
                request_timeout_ms=patience.REQUEST_MS,
                bootstrap_timeout_ms=patience.BOOTSTRAP_MS,
                delivery_timeout_ms=patience.DELIVERY_MS,
                max_block_ms=patience.DELIVERY_MS,
                partitioner=KeyPartitioner(),
            )
        self._failed: BaseException | None = None

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, kind: object, *exc: object) -> None:
        try:
            self._producer.close(timeout=10 if kind is None else 0)
        except KafkaError:
            # The client's close() flushes first and, with the broker away, gives up before it ends its own thread.
            # What was not confirmed is not marked as published: it is sent again, whatever became of it.
            self._producer._sender.force_close()

    def send(self, topic: str, key: bytes, value: bytes, headers: Headers = ()) -> None:
        """Hand one message over; it is on the broker only after :meth:`flush`."""
        try:
            self._producer.send(topic, value=value, key=key, headers=list(headers)).add_errback(self._note)
        except KafkaError as error:
            raise away(self._settings, error) from error

    def flush(self) -> None:
        """Wait until all that was sent is confirmed by the broker.

        :raises SystemTrouble: when one message was not; send the batch again
        """
        with trouble(self._settings):
            self._producer.flush(timeout=patience.DELIVERY_MS / 1000)
        if self._failed is not None:
            raise SystemTrouble(
                f"Kafka at {self._settings.kafka_bootstrap} refused a message ({type(self._failed).__name__}); "
                "the batch stays in the outbox and is sent again"
            ) from self._failed

    def _note(self, error: BaseException) -> None:
        self._failed = error
