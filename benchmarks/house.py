"""A whole stack of a benchmark's own: PostgreSQL, Kafka and Airflow in a directory that goes with it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.frame import Progress
from benchmarks.meter import family_cpu_s
from stack import airflow, control
from stack.kafka import broker
from stack.postgres import NAME as POSTGRES
from stack.state import State
from stack.supervisor import Supervisor

TASKS = "Airflow's tasks"
_SCHEDULER = "airflow-scheduler"
SERVICES = (POSTGRES, broker.NAME, *airflow.COMPONENTS)


@contextmanager
def empty(progress: Progress) -> Iterator[State]:
    """A state directory in which nothing was ever started; at the end all that runs in it ends, and it goes."""
    state = State.open(Path(tempfile.mkdtemp(prefix="flyover-bench-")))
    try:
        yield state
    finally:
        control.erase(progress, state=state)


@dataclass(frozen=True)
class Spent:
    """Processor time since each service's start, by group; tasks are apart from the scheduler that forks them."""

    seconds: Mapping[str, float]

    @classmethod
    def until_now(cls, state: State) -> Spent:
        """Read it from the kernel; a service that does not run has spent nothing."""
        supervisor = Supervisor(state)
        seconds: dict[str, float] = {}
        for name in SERVICES:
            record = supervisor.running(name)
            own, below = family_cpu_s(record.pid) if record else (0.0, 0.0)
            if name == _SCHEDULER:
                seconds |= {name: own, TASKS: below}
            else:
                seconds[name] = own + below
        return cls(seconds)

    def since(self, before: Spent) -> Spent:
        """What was spent in between."""
        return Spent({name: spent - before.seconds.get(name, 0.0) for name, spent in self.seconds.items()})

    def rows(self, wall_s: float) -> Sequence[tuple[str, float, float]]:
        """By group: seconds, and how much of one core that was; the most first."""
        listed = sorted(self.seconds.items(), key=lambda item: -item[1])
        return [(name, round(spent, 1), round(100 * spent / wall_s, 1)) for name, spent in listed]
