"""What a piece of work took: wall time, processor time of its process and of the database server, peak memory.

Read from the kernel: a machine that others use too makes wall time noisy, processor time much less so.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _FIRST_TIME, _COLLECTED, _LAST_TIME = 1, 11, 13, 15
"""Places behind the name in /proc/PID/stat: the parent, the process's times, and those of the children it collected."""


@dataclass(frozen=True)
class Measure:
    """One run of one contender."""

    wall_s: float
    own_cpu_s: float
    """of the process and the children it waited for"""
    server_cpu_s: float
    peak_rss_mb: float
    """of the process, from its start; of the largest, where there are several"""
    parts: dict[str, float] = field(default_factory=dict)
    """wall seconds of the work's parts, in their order"""
    outcome: Mapping[str, Any] = field(default_factory=dict)
    """what the work noted, and what it came to, looked up after the clock stopped, to be compared between contenders"""


def wall(run: Measure) -> float:
    """Seconds on the clock."""
    return run.wall_s


def cpu(run: Measure) -> float:
    """Seconds of processor time, ours and the server's."""
    return run.own_cpu_s + run.server_cpu_s


class Meter:
    """Filled while the work runs; ``measure`` is there once it has ended."""

    measure: Measure

    def __init__(self, began: float, own_cpu_before: float = 0.0, postmaster: int | None = None) -> None:
        self.parts: dict[str, float] = {}
        self._own, self._server = own_cpu_before, server_cpu_s(postmaster)
        self._postmaster = postmaster
        self._started = self._began = began
        self._told: list[tuple[float, float]] = []
        self._notes: dict[str, Any] = {}

    def restart(self) -> None:
        """Forget what was done until now: the clock starts here, for contenders that first get others to the start."""
        self.parts.clear()
        self._own, self._server = own_cpu_s(), server_cpu_s(self._postmaster)
        self._started = self._began = time.monotonic()

    def tell(self, cpu_s: float, peak_rss_mb: float) -> None:
        """A process that was there before the clock started says what it took since then, and what it ever held.

        Where one does, the work is theirs: the process that waited for them is not counted.
        """
        self._told.append((cpu_s, peak_rss_mb))

    def note(self, name: str, value: Any) -> None:
        """Something to be told beside the figures."""
        self._notes[name] = value

    def stop(self) -> None:
        """The work has ended: fill ``measure``."""
        ended = time.monotonic()
        told = self._told or [(own_cpu_s() - self._own, peak_rss_mb())]
        self.measure = Measure(
            wall_s=ended - self._started,
            own_cpu_s=sum(cpu_s for cpu_s, _ in told),
            server_cpu_s=server_cpu_s(self._postmaster) - self._server,
            peak_rss_mb=max(peak for _, peak in told),
            parts=dict(self.parts),
            outcome=self._notes,
        )

    def part(self, name: str) -> None:
        """What was done since the last part ended (or since the start) is ``name``."""
        now = time.monotonic()
        self.parts[name] = self.parts.get(name, 0.0) + now - self._began
        self._began = now


@contextmanager
def metered(postmaster: int | None, *, since: float | None = None) -> Iterator[Meter]:
    """Measure what happens inside.

    ``since`` (of ``time.monotonic``, the same in all processes) begins the wall time earlier, and then the whole
    life of this process counts as its processor time: for what includes a start.
    """
    began = time.monotonic() if since is None else since
    meter = Meter(began, own_cpu_s() if since is None else 0.0, postmaster)
    yield meter
    meter.stop()


def own_cpu_s() -> float:
    """Processor time of this process and of the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak_rss_mb() -> float:
    """Most memory this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def server_cpu_s(postmaster: int | None) -> float:
    """Processor time of a PostgreSQL server: the postmaster, those who live, and those it has collected; 0 of none.

    A session that has ended counts on with its parent, so that the difference of two readings misses nothing; a
    reading during which one ends is taken again.
    """
    if postmaster is None:
        return 0.0
    while True:
        collected = _stat(PROC / str(postmaster))
        stats = [_stat(entry) for entry in PROC.iterdir() if entry.name.isdigit() and int(entry.name) != postmaster]
        living = [fields for fields in stats if fields and int(fields[_PARENT]) == postmaster]
        if _stat(PROC / str(postmaster))[_COLLECTED:_LAST_TIME] == collected[_COLLECTED:_LAST_TIME]:
            break
    return sum(int(ticks) for fields in (collected, *living) for ticks in fields[_FIRST_TIME:_LAST_TIME]) / _TICKS


def family_cpu_s(leader: int) -> tuple[float, float]:
    """Processor time of a process, and of all below it, those included that were collected by their parents."""
    stats = {int(entry.name): found for entry in PROC.iterdir() if entry.name.isdigit() and (found := _stat(entry))}
    children: dict[int, list[int]] = {}
    for pid, fields in stats.items():
        children.setdefault(int(fields[_PARENT]), []).append(pid)
    own = sum(map(int, stats[leader][_FIRST_TIME:_COLLECTED])) if leader in stats else 0
    below, open_pids = sum(map(int, stats[leader][_COLLECTED:_LAST_TIME])) if leader in stats else 0, [leader]
    while open_pids:
        for pid in children.get(open_pids.pop(), ()):
            below += sum(map(int, stats[pid][_FIRST_TIME:_LAST_TIME]))
            open_pids.append(pid)
    return own / _TICKS, below / _TICKS


def _stat(process: Path) -> list[str]:
    try:
        line = (process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []  # gone meanwhile
    return line[line.rindex(")") + 2 :].split()  # the name before may hold spaces and brackets
