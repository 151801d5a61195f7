"""The one door to Kafka (kafka-python): topics, a producer that confirms, a reader that is told its partitions.

Offsets that count are kept in PostgreSQL, so nothing here joins a consumer group; Kafka's own commits are a hint.
"""

from __future__ import annotations

import logging
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    "End",
    "Growth",
    "KafkaConsumer",
    "KafkaError",
    "OffsetAndMetadata",
    "Position",
    "Publisher",
    "Reader",
    "Topic",
    "TopicPartition",
    "Watcher",
    "ends",
    "ensure_topics",
    "remove_topics",
    "topics",
]

log = logging.getLogger(__name__)
PARTITIONS = 3
RETENTION_MS = 7 * 24 * 3600 * 1000
MAX_MESSAGE_BYTES = 10 * 1024 * 1024
REQUEST_TIMEOUT_MS = 15_000
BOOTSTRAP_TIMEOUT_MS = 10_000
DELIVERY_TIMEOUT_MS = 60_000
WATCH_TIMEOUT_MS = 5_000


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


@dataclass(frozen=True)
class End:
    """Where a partition of a topic ends now: ``offset`` is the next message's."""

    topic: str
    topic_id: uuid.UUID
    partition: int
    offset: int


@dataclass(frozen=True)
class Growth:
    """Messages a partition has got: from offset ``first`` up to, not including, ``end``."""

    topic: str
    partition: int
    first: int
    end: int


@contextmanager
def _kafka_trouble(settings: Settings) -> Iterator[None]:
    """Turn the client's errors into one sentence a person can use."""
    try:
        yield
    except KafkaError as error:
        raise SystemTrouble(
            f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__}). See ./flyover status"
        ) from error


@contextmanager
def _admin(settings: Settings, patience_ms: int | None = None) -> Iterator[KafkaAdminClient]:
    with _kafka_trouble(settings):
        client = KafkaAdminClient(
            bootstrap_servers=settings.kafka_bootstrap,
            request_timeout_ms=patience_ms or REQUEST_TIMEOUT_MS,
            bootstrap_timeout_ms=patience_ms or BOOTSTRAP_TIMEOUT_MS,
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


def remove_topics(settings: Settings, names: Iterable[str]) -> None:
    """Delete topics and what is in them; those that are not there are no error."""
    with _admin(settings) as client:
        if present := sorted(set(names) & set(client.list_topics())):
            client.delete_topics(present)


def topics(settings: Settings, names: Iterable[str]) -> Mapping[str, Topic]:
    """The named topics that exist, with their ids and partitions."""
    with _admin(settings) as client:
        return _described(client, names)


def ends(settings: Settings, names: Iterable[str], *, patience_ms: int | None = None) -> list[End]:
    """Where every partition of the named topics ends now; topics that are not there are left out.

    :raises SystemTrouble: when the broker does not answer within ``patience_ms``, else within the usual time
    """
    with _admin(settings, patience_ms) as client:
        found = _described(client, names)
        reached = sorted(_ends(client, found.values()).items())
        return [End(tp.topic, found[tp.topic].topic_id, tp.partition, offset) for tp, offset in reached]


def _described(client: KafkaAdminClient, names: Iterable[str]) -> Mapping[str, Topic]:
    described = client.describe_topics(list(names))
    return {
        topic["name"]: Topic(
            name=topic["name"],
            topic_id=uuid.UUID(str(topic["topic_id"])),
            partitions=tuple(sorted(p["partition_index"] for p in topic["partitions"])),
        )
        for topic in described
        if topic["error_code"] == 0
    }


def _ends(client: KafkaAdminClient, found: Iterable[Topic]) -> Mapping[TopicPartition, int]:
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
        with _kafka_trouble(settings):
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
                bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
                max_block_ms=DELIVERY_TIMEOUT_MS,
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

    def send(self, topic: str, key: bytes, value: bytes, headers: Iterable[tuple[str, bytes]] = ()) -> None:
        """Hand one message over; it is on the broker only after :meth:`flush`."""
        with _kafka_trouble(self._settings):
            self._producer.send(topic, value=value, key=key, headers=list(headers)).add_errback(self._note)

    def flush(self) -> None:
        """Wait until all that was sent is confirmed by the broker.

        :raises SystemTrouble: when one message was not; send the batch again
        """
        with _kafka_trouble(self._settings):
            self._producer.flush(timeout=DELIVERY_TIMEOUT_MS / 1000)
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
        with _kafka_trouble(settings):
            self._consumer = KafkaConsumer(
                bootstrap_servers=settings.kafka_bootstrap,
                client_id="flyover-drain",
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                fetch_max_bytes=fetch_bytes,
                max_partition_fetch_bytes=fetch_bytes,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
                bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
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
        with _kafka_trouble(self._settings):
            assigned = list(self._consumer.assignment())
            first = self._consumer.beginning_offsets(assigned)
            end = self._consumer.end_offsets(assigned)
        return {(tp.topic, tp.partition): (first[tp], end[tp]) for tp in assigned}

    def poll(self, max_records: int, timeout_ms: int = 1_000) -> Iterator[tuple[tuple[str, int], list[Any]]]:
        """Records fetched at once, by (topic, partition), each list in offset order.

        A record has ``offset``, ``key``, ``value`` and ``headers``.
        """
        with _kafka_trouble(self._settings):
            fetched = self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        for tp, records in fetched.items():
            yield (tp.topic, tp.partition), records

    def seek(self, position: Position) -> None:
        """Go on reading a partition from another place."""
        self._consumer.seek(TopicPartition(position.topic, position.partition), position.offset)


class Watcher:
    """Tells which topics have grown since its bookmark; asks for offsets only, so no message is read for it.

    The bookmark lives in the commits of a consumer group no one joins: what was never kept is told again.
    Topics that are not there yet are no error. For one thread at a time.
    """

    def __init__(self, settings: Settings, group: str, names: Sequence[str]) -> None:
        self._settings, self._group, self._names = settings, group, names
        self._bookmarks: dict[tuple[uuid.UUID, TopicPartition], int] = {}
        self._lives: dict[str, uuid.UUID] = {}
        with _kafka_trouble(settings):
            self._client = KafkaAdminClient(
                bootstrap_servers=settings.kafka_bootstrap,
                client_id=group,
                request_timeout_ms=WATCH_TIMEOUT_MS,
                bootstrap_timeout_ms=WATCH_TIMEOUT_MS,
            )

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def grown(self) -> list[Growth]:
        """What came after the bookmark, in order of topic and partition; the same again until it is kept."""
        with _kafka_trouble(self._settings):
            found = _described(self._client, self._names)
            self._lives = {topic.name: topic.topic_id for topic in found.values()}
            reached = _ends(self._client, found.values())
            self._learn_bookmarks(reached)
        return [
            Growth(tp.topic, tp.partition, first, end)
            for tp, end in sorted(reached.items())
            if (first := self._first_new(tp, end)) != end
        ]

    def keep(self, growths: Iterable[Growth]) -> None:
        """Move the bookmark behind these; should the broker not store it, the next watcher hears of them again."""
        moved = {TopicPartition(g.topic, g.partition): g.end for g in growths}
        self._bookmarks.update({(self._lives[tp.topic], tp): end for tp, end in moved.items()})
        with _kafka_trouble(self._settings):
            commits = {tp: OffsetAndMetadata(end, "", -1) for tp, end in moved.items()}
            for error in self._client.alter_group_offsets(self._group, commits).values():
                if error.errno != 0:
                    raise error

    def _learn_bookmarks(self, reached: Mapping[TopicPartition, int]) -> None:
        unknown = [tp for tp in reached if (self._lives[tp.topic], tp) not in self._bookmarks]
        if not unknown:
            return
        kept = self._client.list_group_offsets({self._group: unknown})[self._group]
        for tp in unknown:
            self._bookmarks[self._lives[tp.topic], tp] = max(kept[tp].offset, 0) if tp in kept else 0

    def _first_new(self, tp: TopicPartition, end: int) -> int:
        bookmark = self._bookmarks[self._lives[tp.topic], tp]
        return bookmark if bookmark <= end else 0  # shorter than we knew it: not the same partition
