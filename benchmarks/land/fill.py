"""Puts the records into the topics, in a process of its own: they are not kept in anyone's memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.land import events
from benchmarks.peers import lane
from pipeline import envelope, kafka
from pipeline.settings import load


def prepare(job: lane.Job) -> lane.Work:
    """Make the topics."""
    settings = load(job["env"])
    kafka.ensure_topics(settings, [events.TOPIC, events.SHORT_TOPIC], events.PARTITIONS)

    def work() -> Mapping[str, Any]:
        size = 0
        with kafka.Publisher(settings) as publisher:
            for number, (key, value, batch) in enumerate(events.messages(0, job["rows"])):
                header = ((envelope.BATCH_HEADER, batch),)
                publisher.send(events.TOPIC, key, value, header)
                if number < job["short_rows"]:
                    publisher.send(events.SHORT_TOPIC, key, value, header)
                size += len(value)
            publisher.flush()
        return {"bytes": size}

    return work


if __name__ == "__main__":
    lane.run(prepare)
