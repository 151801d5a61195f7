"""Where the seconds of a batch went: per stage, waiting behind the run before, in Airflow, or in the work itself.

Arithmetic alone; :mod:`benchmarks.fresh.diary` reads the moments from the servers.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BEHIND, WOKEN, QUEUED, STARTED, WORKED = (
    "behind the run before",
    "until Airflow has queued it",
    "until a worker has it",
    "until the work begins",
    "the work",
)
PARTS = (BEHIND, WOKEN, QUEUED, STARTED, WORKED)


@dataclass(frozen=True)
class Run:
    """One run of a stage's task; ``run_ended`` is when its DAG run was over, and the next could begin."""

    queued: dt.datetime
    started: dt.datetime
    ended: dt.datetime
    run_ended: dt.datetime


@dataclass(frozen=True)
class Span:
    """When a stage worked, as it noted itself."""

    began: dt.datetime
    ended: dt.datetime


@dataclass(frozen=True)
class Journey:
    """One batch on its way; every moment is when the batch had got there."""

    rows: int
    dropped: dt.datetime
    staged: dt.datetime
    published: dt.datetime
    landed: dt.datetime
    judged: dt.datetime
    visible: dt.datetime


def parts(ready: dt.datetime, done: dt.datetime, runs: Sequence[Run], spans: Sequence[Span]) -> dict[str, float] | None:
    """Seconds between what a stage could begin with and what it came to, by part; they add up to all of them.

    None where no run of the stage was under way when it was done. One task may work several times; a batch that arrives
    meanwhile waits behind the work before, as it would behind another run. ``spans`` are in the order they began.
    """
    taken = next((run for run in runs if run.started <= done <= run.ended), None)
    if taken is None:
        return None
    before = max((run.run_ended for run in runs if run.queued < taken.queued), default=ready)
    mine = [span for span in spans if taken.started <= span.began <= done]
    began = mine[-1].began if mine else taken.started
    earlier = max((span.ended for span in mine[:-1]), default=taken.started)
    ends = (
        (BEHIND, min(before, taken.queued)),
        (WOKEN, taken.queued),
        (QUEUED, taken.started),
        (BEHIND, min(earlier, began)),
        (STARTED, began),
        (WORKED, done),
    )
    seconds, reached = dict.fromkeys(PARTS, 0.0), ready
    for part, end in ends:
        if end > reached:
            seconds[part] += (min(end, done) - reached).total_seconds()
            reached = min(end, done)
    return seconds


def percentile(values: Iterable[tuple[float, int]], share: float) -> float:
    """The smallest value that at least ``share`` of all weight does not exceed; values come with their weights.

    :raises ValueError: without any value
    """
    ordered = sorted(values)
    needed = math.ceil(share * sum(weight for _, weight in ordered))
    reached = 0
    for value, weight in ordered:
        reached += weight
        if reached >= needed:
            return value
    raise ValueError("nothing to take a percentile of")


def mean(values: Sequence[Mapping[str, float]], part: str) -> float:
    """Mean seconds of a part."""
    return sum(value[part] for value in values) / len(values)
