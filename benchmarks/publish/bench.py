"""``./flyover bench publish``: from the outbox onto a topic, against what the same client sends from memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import server
from benchmarks.frame import Contender, Contest, Progress, compete
from benchmarks.land import events, ours, race
from benchmarks.land.race import Field, Runner
from benchmarks.meter import Measure, cpu
from benchmarks.publish.staged import stage
from benchmarks.report import Goal, Report, Table, machine, runs_of
from pipeline import kafka
from pipeline.settings import Settings

ROWS, PLAIN_ROWS = 1_000_000, 500_000
HALF = 0.5


def run(command: str, progress: Progress, *, rows: int | None = None, rounds: int = 5) -> Report:
    """Run the benchmark on a database and a broker of its own.

    :raises SystemTrouble: when a contender fails
    """
    facts, rows = machine(), rows or ROWS
    with server.started(progress, with_kafka=True) as servers, servers.copy() as staged:
        progress(f"staging {rows:,} records of {events.TOPIC}")
        stage(staged, rows)
        kafka.ensure_topics(staged, [events.TOPIC], events.PARTITIONS)
        contest = compete(
            [
                Contender(
                    name(client, is_plain),
                    race.run,
                    partial(_place, servers, staged, client, min(rows, PLAIN_ROWS) if is_plain else 0),
                    _ready,
                    _look,
                )
                for client in ours.clients()
                for is_plain in (True, False)
            ],
            rounds=rounds,
            postmaster=servers.postmaster,
            progress=progress,
        )
    return _report(command, facts, contest, rows)


def name(client: str, is_plain: bool) -> str:
    """A contender's name."""
    return f"limit: {client} from memory" if is_plain else f"Flyover, {client}"


def rate(run: Measure) -> float:
    """Messages a second."""
    return float(run.outcome["sent"]) / run.wall_s


@dataclass(frozen=True)
class _Place(Field):
    before: int
    """where the topic ended when it began"""


@contextmanager
def _place(servers: server.Server, staged: Settings, client: str, plain_rows: int) -> Iterator[_Place]:
    with servers.copy(staged) as settings:
        job = {"env": ours.environment(settings, client), "plain_rows": plain_rows}
        runner = Runner(Path(sys.executable), "benchmarks.publish.one_publisher", job)
        yield _Place(settings, (runner,), _end(settings))


def _look(place: _Place) -> Mapping[str, Any]:
    return {"arrived": _end(place.settings) - place.before}


def _end(settings: Settings) -> int:
    return sum(end.offset for end in kafka.ends(settings, [events.TOPIC]))


def _ready() -> None:
    """The process that waits for the others does nothing of its own before."""


def _report(command: str, facts: dict[str, Any], contest: Contest, rows: int) -> Report:
    columns = ("contender", "messages", "rounds", "messages/s", "× limit", "CPU-s/M", "of client", "of database",
               "peak RSS MB", "all once")  # fmt: skip
    lines, goals = [], []
    for client in ours.clients():
        limit = name(client, True)
        for contender in (limit, name(client, False)):
            runs = contest.runs[contender]
            sent = int(runs[0].outcome["sent"])
            ratio = contest.ratio(contender, rate, to=limit)
            lines.append(
                (
                    contender, f"{sent:,}", len(runs), round(contest.median(contender, rate)), round(ratio, 3),
                    *(
                        round(contest.median(contender, of) * 1e6 / sent, 2)
                        for of in (cpu, lambda run: run.own_cpu_s, lambda run: run.server_cpu_s)
                    ),
                    round(contest.peak_rss_mb(contender)), all(map(is_once, runs)),
                )
            )  # fmt: skip
        goals.append(
            Goal(f"rate against what {client} sends from memory", f"≥ {HALF:g} ×", f"{ratio:.2f} ×", ratio >= HALF)
        )
    missing = [contender for contender, runs in contest.runs.items() if not all(map(is_once, runs))]
    goals.append(Goal("all messages arrived once", "everyone", ", ".join(missing) or "everyone", not missing))
    table = Table("publishing", f"{rows:,} records of the outbox onto {events.TOPIC}", columns, lines)
    return Report("publish", command, facts, (table,), goals, runs_of(contest))


def is_once(run: Measure) -> bool:
    """Whether the topic has grown by what was sent."""
    return bool(run.outcome["arrived"] == run.outcome["sent"])
