"""One publisher of ours, as the task runs it; or the client alone with the same messages from memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.land import events
from benchmarks.peers import lane
from connectors import producer
from pipeline import contracts, envelope, kafka
from pipeline.settings import load


def prepare(job: lane.Job) -> lane.Work:
    """What a long-lived process has behind it: the contracts are read; the messages, where they come from memory."""
    settings = load(job["env"])
    contracts.load_all(settings.contracts_dir)
    made = list(events.messages(0, job["plain_rows"])) if job["plain_rows"] else []

    def plain() -> Mapping[str, Any]:
        with kafka.publisher(settings) as publisher:
            send = publisher.send
            for key, value, batch in made:
                send(events.TOPIC, key, value, ((envelope.BATCH_HEADER, batch),))
            publisher.flush()
        return {"sent": len(made)}

    def from_outbox() -> Mapping[str, Any]:
        return {"sent": producer.publish(settings, source=events.SOURCE).rows}

    return plain if made else from_outbox


if __name__ == "__main__":
    lane.run(prepare)
