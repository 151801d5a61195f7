"""One drain of ours over its share of the partitions, as a task or ``./flyover sink`` runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.land import events
from benchmarks.peers import lane
from connectors import sink
from pipeline import contracts
from pipeline.settings import load


def prepare(job: lane.Job) -> lane.Work:
    """What a long-lived process has behind it: the contracts are read."""
    settings = load(job["env"])
    contracts.load_all(settings.contracts_dir)
    held: list[float] = []

    def look() -> bool:
        held.append(lane.peak_mb())
        return False

    def work() -> Mapping[str, Any]:
        report = sink.drain(
            settings,
            [events.TOPIC],
            partitions=lambda place: place.partition % job["of"] == job["number"],
            stop=look,
            label=events.SOURCE,
        )
        return {"rows": report.rows, "mb_after_a_tenth": held[len(held) // 10]}

    return work


if __name__ == "__main__":
    lane.run(prepare)
