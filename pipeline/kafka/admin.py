"""Topics and where they end: what the broker knows of them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from pipeline.errors import SystemTrouble
from pipeline.kafka import patience
from pipeline.settings import Settings

log = logging.getLogger(__name__)
PARTITIONS = 3
RETENTION_MS = 7 * 24 * 3600 * 1000
MAX_MESSAGE_BYTES = 10 * 1024 * 1024


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


@contextmanager
def trouble(settings: Settings) -> Iterator[None]:
    """Turn the client's errors into one sentence a person can use."""
    try:
        yield
    except KafkaError as error:
        raise away(settings, error) from error


def away(settings: Settings, error: Exception) -> SystemTrouble:
    """What a person is told when the client fails."""
    return SystemTrouble(
        f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__}). See ./flyover status"
    )


@contextmanager
def _admin(settings: Settings, patience_ms: int | None = None) -> Iterator[KafkaAdminClient]:
    with trouble(settings):
        client = KafkaAdminClient(
            bootstrap_servers=settings.kafka_bootstrap,
            request_timeout_ms=patience_ms or patience.REQUEST_MS,
            bootstrap_timeout_ms=patience_ms or patience.BOOTSTRAP_MS,
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
        return described(client, names)


def ends(settings: Settings, names: Iterable[str], *, patience_ms: int | None = None) -> list[End]:
    """Where every partition of the named topics ends now; topics that are not there are left out.

    :raises SystemTrouble: when the broker does not answer within ``patience_ms``, else within the usual time
    """
    with _admin(settings, patience_ms) as client:
        found = described(client, names)
        reached = sorted(reached_ends(client, found.values()).items())
        return [End(tp.topic, found[tp.topic].topic_id, tp.partition, offset) for tp, offset in reached]


def described(client: KafkaAdminClient, names: Iterable[str]) -> Mapping[str, Topic]:
    """The named topics that exist, asked by a client that is there already."""
    found = client.describe_topics(list(names))
    return {
        topic["name"]: Topic(
            name=topic["name"],
            topic_id=uuid.UUID(str(topic["topic_id"])),
            partitions=tuple(sorted(p["partition_index"] for p in topic["partitions"])),
        )
        for topic in found
        if topic["error_code"] == 0
    }


def reached_ends(client: KafkaAdminClient, found: Iterable[Topic]) -> Mapping[TopicPartition, int]:
    """Where every partition of these topics ends now."""
    wanted = {TopicPartition(t.name, number): OffsetSpec.LATEST for t in found for number in t.partitions}
    return {tp: at.offset for tp, at in client.list_partition_offsets(wanted).items()} if wanted else {}
