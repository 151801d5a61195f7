"""The one door to Kafka (kafka-python): topics, a producer that confirms, a reader that is told its partitions.

Offsets that count are kept in PostgreSQL, so nothing here joins a consumer group; Kafka's own commits are a hint.
"""

from __future__ import annotations

import logging
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.partitioner import Partitioner
from kafka.structs import OffsetAndMetadata

from pipeline.errors import SystemTrouble
from pipeline.settings import Settings

__all__ = [
    "KafkaAdminClient",
    "KafkaConsumer",
    "KafkaError",
    "OffsetAndMetadata",
    "Position",
    "Publisher",
    "Reader",
    "Topic",
    "TopicPartition",
    "described",
    "ends",
    "ends_of",
    "ensure_topics",
    "in_words",
    "topics",
]

log = logging.getLogger(__name__)
PARTITIONS = 3
RETENTION_MS = 7 * 24 * 3600 * 1000
MAX_MESSAGE_BYTES = 10 * 1024 * 1024
REQUEST_TIMEOUT_MS = 15_000


@dataclass(frozen=True)
class Topic:
    """A topic as the broker has it now; ``topic_id`` differs after it was deleted and made again."""

    name: str
    topic_id: uuid.UUID
    partitions: tuple[int, ...]


@dataclass(frozen=True)
class Position:
    """Place in a partition: ``offset`` is the next one to read."""

    topic: str
    partition: int
    offset: int


@contextmanager
def in_words(settings: Settings) -> Iterator[None]:
    """Turn the client's errors into one sentence a person can use."""
    try:
        yield
    except KafkaError as error:
        raise SystemTrouble(
            f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__}). See ./flyover status"
        ) from error


@contextmanager
def _admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    with in_words(settings):
        client = KafkaAdminClient(
            bootstrap_servers=settings.kafka_bootstrap,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            client_id="flyover-admin",
        )
        try:
            yield client
        finally:
            client.close()


def ensure_topics(settings: Settings, names: Iterable[str], partitions: int = PARTITIONS) -> None:
    """Make the topics that are missing: one replica a broker has to offer, seven days of retention."""
    with _admin(settings) as client:
        missing = sorted(set(names) - set(client.list_topics()))
        if not missing:
            return
        config = {"retention.ms": str(RETENTION_MS), "max.message.bytes": str(MAX_MESSAGE_BYTES)}
        wanted = {name: {"num_partitions": partitions, "replication_factor": -1, "configs": config} for name in missing}
        try:
            client.create_topics(wanted, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            log.info("another process made the same topics at the same time")


def topics(settings: Settings, names: Iterable[str]) -> Mapping[str, Topic]:
    """The named topics that exist, with their ids and partitions."""
    with _admin(settings) as client:
        return described(client, names)


def ends(settings: Settings, names: Iterable[str]) -> Mapping[tuple[uuid.UUID, int], int]:
    """Where every partition of the named topics ends now, by (topic id, partition); topics not there are left out."""
    with _admin(settings) as client:
        found = described(client, names)
        return {(found[tp.topic].topic_id, tp.partition): end for tp, end in ends_of(client, found.values()).items()}


def described(client: KafkaAdminClient, names: Iterable[str]) -> Mapping[str, Topic]:
    """What :func:`topics` tells, over a connection that is kept."""
    answers = client.describe_topics(list(names))
    return {
        topic["name"]: Topic(
            name=topic["name"],
            topic_id=uuid.UUID(str(topic["topic_id"])),
            partitions=tuple(sorted(p["partition_index"] for p in topic["partitions"])),
        )
        for topic in answers
        if topic["error_code"] == 0
    }


def ends_of(client: KafkaAdminClient, found: Iterable[Topic]) -> Mapping[TopicPartition, int]:
    """Where every partition of the topics ends now, over a connection that is kept."""
    wanted = {TopicPartition(t.name, number): OffsetSpec.LATEST for t in found for number in t.partitions}
    return {tp: at.offset for tp, at in client.list_partition_offsets(wanted).items()} if wanted else {}


class KeyPartitioner(Partitioner):  # type: ignore[misc]
    """Partition of a key by CRC-32: the client's own hash, in Python, costs a third of sending a message.

    All versions of a record fall into one partition; another producer's choice would differ, and only ours write.
    """

    def partition(
        self, topic: str, key: object, serialized_key: bytes, value: object, serialized_value: object, cluster: Any
    ) -> int:
        """Partition for a key; every message of ours has one."""
        return zlib.crc32(serialized_key) % len(cluster.partitions_for_topic(topic))


class Publisher:
    """Sends messages and confirms them: after :meth:`flush` every message is on the broker, or it raises."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        with in_words(settings):
            self._producer = KafkaProducer(
                bootstrap_servers=settings.kafka_bootstrap,
                client_id="flyover-outbox",
                acks="all",
                enable_idempotence=True,
                compression_type="lz4",
                linger_ms=20,
                batch_size=256 * 1024,
                max_request_size=MAX_MESSAGE_BYTES,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
                delivery_timeout_ms=60_000,
                partitioner=KeyPartitioner(),
            )
        self._failed: BaseException | None = None

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, *exc: object) -> None:
        self._producer.close(timeout=10)

    def send(self, topic: str, key: bytes, value: bytes, headers: Iterable[tuple[str, bytes]] = ()) -> None:
        """Hand one message over; it is on the broker only after :meth:`flush`."""
        with in_words(self._settings):
            self._producer.send(topic, value=value, key=key, headers=list(headers)).add_errback(self._note)

    def flush(self) -> None:
        """Wait until all that was sent is confirmed by the broker.

        :raises SystemTrouble: when one message was not; send the batch again
        """
        with in_words(self._settings):
            self._producer.flush(timeout=120)
        if self._failed is not None:
            raise SystemTrouble(
                f"Kafka at {self._settings.kafka_bootstrap} refused a message ({type(self._failed).__name__}); "
                "the batch stays in the outbox and is sent again"
            ) from self._failed

    def _note(self, error: BaseException) -> None:
        self._failed = error


class Reader:
    """Reads assigned partitions from given offsets up to where they end now."""

    def __init__(self, settings: Settings, positions: Iterable[Position], fetch_bytes: int = 8 * 1024 * 1024) -> None:
        self._settings = settings
        with in_words(settings):
            self._consumer = KafkaConsumer(
                bootstrap_servers=settings.kafka_bootstrap,
                client_id="flyover-drain",
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                fetch_max_bytes=fetch_bytes,
                max_partition_fetch_bytes=fetch_bytes,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
            )
        assigned = {TopicPartition(p.topic, p.partition): p.offset for p in positions}
        self._consumer.assign(list(assigned))
        for partition, offset in assigned.items():
            self._consumer.seek(partition, offset)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exc: object) -> None:
        self._consumer.close(autocommit=False, timeout_ms=2_000)

    def bounds(self) -> Mapping[tuple[str, int], tuple[int, int]]:
        """(first kept offset, end offset) of every assigned partition."""
        with in_words(self._settings):
            assigned = list(self._consumer.assignment())
            first = self._consumer.beginning_offsets(assigned)
            end = self._consumer.end_offsets(assigned)
        return {(tp.topic, tp.partition): (first[tp], end[tp]) for tp in assigned}

    def poll(self, max_records: int, timeout_ms: int = 1_000) -> Iterator[tuple[tuple[str, int], list[Any]]]:
        """Records fetched at once, by (topic, partition), each list in offset order.

        A record has ``offset``, ``key``, ``value`` and ``headers``.
        """
        with in_words(self._settings):
            fetched = self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        for tp, records in fetched.items():
            yield (tp.topic, tp.partition), records

    def seek(self, position: Position) -> None:
        """Go on reading a partition from another place."""
        self._consumer.seek(TopicPartition(position.topic, position.partition), position.offset)
