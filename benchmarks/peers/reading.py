"""Batches of a topic with the quickest client there is, for loaders that bring no reader of their own."""

from __future__ import annotations

from collections.abc import Iterator

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from benchmarks.peers import lane


def batches(job: lane.Job, size: int) -> Iterator[list[bytes]]:
    """Values of the topic's first ``rows`` messages, so many at once."""
    consumer = Consumer({"bootstrap.servers": job["bootstrap"], "group.id": job["group"], "enable.auto.commit": False})
    parts = consumer.list_topics(job["topic"]).topics[job["topic"]].partitions
    consumer.assign([TopicPartition(job["topic"], part, OFFSET_BEGINNING) for part in parts])
    left = job["rows"]
    while left:
        values = [message.value() for message in consumer.consume(min(size, left), timeout=1.0)]
        if values:
            left -= len(values)
            yield values
    consumer.close()
