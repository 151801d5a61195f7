"""Runs contenders against each other: in turns, each run in a fresh process, medians of several rounds.

In turns, because the machine is not ours alone: what slows one round down slows all contenders of it. A ratio is
therefore taken within each round, and the median of those is what is told.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.meter import Measure, Meter, cpu, metered
from pipeline.errors import SystemTrouble

LONGEST_RUN_S, LONGEST_END_S = 1800.0, 30.0
Progress = Callable[[str], None]
Work = Callable[[Any, Meter], None]
"""Does the work on what its ``place`` gave, and tells the meter its parts. Importable by name: it runs in a process of
its own."""
Place = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Contender:
    """One way of doing the same thing."""

    name: str
    work: Work
    place: Place = nullcontext
    """makes what a run works on, afresh, outside the measurement"""
    warm_up: Callable[[], None] | None = None
    """what the process does before the clock starts; None: the clock starts with the process"""
    look: Callable[[Any], Mapping[str, Any]] = lambda place: {}
    """what the work came to, by a look at its place after the clock has stopped"""


@dataclass(frozen=True)
class Contest:
    """All runs of all contenders."""

    runs: Mapping[str, Sequence[Measure]]
    """by contender; the n-th run of each belongs to the n-th round"""
    baseline: str
    """the contender that ratios are against"""

    def median(self, contender: str, of: Callable[[Measure], float]) -> float:
        """Median over the rounds."""
        return statistics.median(of(run) for run in self.runs[contender])

    def ratio(self, contender: str, of: Callable[[Measure], float], *, to: str | None = None) -> float:
        """Median of what each round's ratio to the baseline (or another contender) was."""
        pairs = zip(self.runs[contender], self.runs[to or self.baseline], strict=True)
        return statistics.median(of(run) / of(base) for run, base in pairs)

    def parts(self, contender: str) -> dict[str, float]:
        """Median seconds of each part, in the order in which they first came."""
        runs = self.runs[contender]
        names = dict.fromkeys(name for run in runs for name in run.parts)
        return {name: statistics.median(run.parts.get(name, 0.0) for run in runs) for name in names}

    def peak_rss_mb(self, contender: str) -> float:
        """Most memory any run held: a limit that holds only half of the time is none."""
        return max(run.peak_rss_mb for run in self.runs[contender])


@dataclass(frozen=True)
class _Order:
    """What a fresh process is told to do."""

    work: Work
    place: Any
    warm_up: Callable[[], None] | None
    postmaster: int | None
    ordered: float = field(default_factory=time.monotonic)


def compete(
    contenders: Sequence[Contender],
    *,
    rounds: int,
    postmaster: int | None,
    progress: Progress,
    longest_s: float | None = None,
) -> Contest:
    """Run every contender once a round; the first contender is the baseline. ``postmaster``: of the server, if any.

    :raises SystemTrouble: when a run fails or takes longer than ``longest_s``, half an hour unless given
    """
    runs: dict[str, list[Measure]] = {contender.name: [] for contender in contenders}
    for number in range(1, rounds + 1):
        for contender in contenders:
            with contender.place() as place:
                order = _Order(contender.work, place, contender.warm_up, postmaster)
                measure = _run(order, contender.name, longest_s or LONGEST_RUN_S)
                measure = replace(measure, outcome={**measure.outcome, **contender.look(place)})
            runs[contender.name].append(measure)
            progress(
                f"round {number} of {rounds}: {contender.name}: {measure.wall_s:.2f} s, {cpu(measure):.2f} CPU-s, "
                f"{measure.peak_rss_mb:.0f} MB"
            )
    return Contest(runs, contenders[0].name)


def _run(order: _Order, name: str, longest_s: float) -> Measure:
    """One run in a process of its own, which is ended when it takes too long."""
    fresh = multiprocessing.get_context("spawn")
    receiving, sending = fresh.Pipe(duplex=False)
    process = fresh.Process(target=_obey, args=(order, sending), daemon=True)
    process.start()
    sending.close()
    try:
        if not receiving.poll(longest_s):
            raise SystemTrouble(f"benchmark: {name} took longer than {longest_s:.0f} s and was ended")
        measure = receiving.recv()
    except EOFError:
        raise SystemTrouble(f"benchmark: {name} failed; its error stands above") from None
    else:
        process.join(LONGEST_END_S)  # it has spoken: let it leave by itself, so that it tidies up
    finally:
        process.terminate()
        process.join()
    return measure  # type: ignore[no-any-return]


def _obey(order: _Order, sending: Connection) -> None:
    if order.warm_up:
        order.warm_up()
    with metered(order.postmaster, since=None if order.warm_up else order.ordered) as meter:
        order.work(order.place, meter)
    sending.send(meter.measure)
