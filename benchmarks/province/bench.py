"""``./flyover bench province``: files to release at three sizes, and a day on which little moves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import house
from benchmarks.frame import Contender, Contest, Progress, compete
from benchmarks.house import Spent
from benchmarks.meter import Measure, cpu
from benchmarks.province import stages
from benchmarks.province.stages import READ, STAGES, Province
from benchmarks.report import Report, Table, at_most, machine
from pipeline.db import connect
from pipeline.settings import Settings
from simulator import write_province
from stack import control
from stack.kafka import broker
from stack.postgres import NAME as POSTGRES
from stack.state import State
from stack.supervisor import Supervisor

ROWS, SHARES = 10_000_000, (0.1, 0.3, 1.0)
RECORDS_A_LEARNER = 11.5
"""of the simulator's provinces; what came of it is counted and told"""
FEWEST_LEARNERS, MOST_LEARNERS = 1_000, 2_500_000
MOST_GROWTH = 1.2
LONGEST_STAGE_S = 4 * 3600.0
FIRST_DAY, LATER_DAY = 1, 2
_SIZE = "select sum(pg_database_size(datname)) / 1e6 from pg_database where datname = current_database()"
_RECORDS = "select coalesce(sum(expected_rows), 0) from connect.batch"


@dataclass(frozen=True)
class Day:
    """One day's deliveries through every stage; disk and the broker's processor time by stage."""

    learners: int
    records: int
    stages: Contest
    disk_mb: Mapping[str, float]
    broker_cpu_s: Mapping[str, float]

    def run(self, stage: str) -> Measure:
        """The only run of a stage."""
        return self.stages.runs[stage][0]

    def cpu_s(self, stage: str) -> float:
        """Processor time of the stage, the database and the broker."""
        return cpu(self.run(stage)) + self.broker_cpu_s[stage]

    def cost_us(self, names: Sequence[str]) -> float:
        """Microseconds of processor time a record, over stages."""
        return 1e6 * sum(map(self.cpu_s, names)) / max(1, self.records)


@dataclass
class _Books:
    """What is looked up around each stage."""

    disk_mb: dict[str, float] = field(default_factory=dict)
    broker_cpu_s: dict[str, float] = field(default_factory=dict)


def run(command: str, progress: Progress, *, rows: int | None = None, rounds: int = 1) -> Report:
    """Carry provinces of a tenth, three tenths and all of ``rows`` records, each on servers of its own.

    One round: a stage of the largest takes as long as several of the smaller.

    :raises SystemTrouble: when a server does not start or a stage fails
    """
    facts, firsts, laters = machine(), [], []
    for share in SHARES:
        learners = learners_for(share * (rows or ROWS))
        with house.empty(progress) as state:
            settings = control.up(progress, with_airflow=False, state=state)
            firsts.append(_day(state, settings, learners, FIRST_DAY, progress))
            laters.append(_day(state, settings, learners, LATER_DAY, progress))
    return _report(command, facts, firsts, laters)


def learners_for(records: float) -> int:
    """Learners of a province that has about so many records."""
    return min(MOST_LEARNERS, max(FEWEST_LEARNERS, round(records / RECORDS_A_LEARNER)))


def _day(state: State, settings: Settings, learners: int, day: int, progress: Progress) -> Day:
    before, books = _records(settings), _Books()
    files = Path(tempfile.mkdtemp(prefix="flyover-province-"))
    try:
        written = write_province(files, learners=learners, day=day)
        deliveries = {code: sorted((files / code).iterdir()) for code in written.agencies if (files / code).is_dir()}
        progress(f"{learners:,} learners, day {day}: files written")
        place = partial(_around, state, Province(settings, deliveries), books)
        contenders = [
            Contender(name, work, partial(place, name), stages.import_engines) for name, work in STAGES.items()
        ]
        server = Supervisor(state).running(POSTGRES)
        contest = compete(
            contenders,
            rounds=1,
            postmaster=server.pid if server else None,
            progress=progress,
            longest_s=LONGEST_STAGE_S,
        )
    finally:
        shutil.rmtree(files)
    return Day(learners, _records(settings) - before, contest, books.disk_mb, books.broker_cpu_s)


@contextmanager
def _around(state: State, province: Province, books: _Books, stage: str) -> Iterator[Province]:
    disk, spent = _disk_mb(state, province.settings), Spent.until_now(state)
    yield province
    books.disk_mb[stage] = _disk_mb(state, province.settings) - disk
    books.broker_cpu_s[stage] = Spent.until_now(state).since(spent).seconds[broker.NAME]


def _disk_mb(state: State, settings: Settings) -> float:
    """The database without its log, the topics and the kept originals."""
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute(_SIZE).fetchone()
    folders = (state.root / broker.NAME / "data", settings.intake_dir)
    files = (file.stat().st_blocks * 512 for folder in folders for file in folder.rglob("*") if file.is_file())
    return float(found[0] if found else 0) + sum(files) / 1e6


def _records(settings: Settings) -> int:
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute(_RECORDS).fetchone()
    return int(found[0]) if found else 0


def _report(command: str, facts: dict[str, Any], firsts: Sequence[Day], laters: Sequence[Day]) -> Report:
    every, behind_files = list(STAGES), [name for name in STAGES if name != READ]
    small, large = firsts[0].cost_us(every), firsts[-1].cost_us(every)
    changed = [day.cost_us(behind_files) for day in laters]
    return Report(
        "province",
        command,
        facts,
        (
            _stages("first", "A province from nothing", firsts),
            _costs("costs", "Microseconds of processor time a record", firsts),
            _stages("later", "The next day: 0.5 % new, 0.1 % corrected, 0.05 % gone; files are read whole", laters),
            _costs("later_costs", "Microseconds of processor time a changed record", laters),
            _parts(firsts, laters),
        ),
        (
            at_most("cost of a record, the largest province against the smallest", MOST_GROWTH, large / small, " ×"),
            at_most("cost of a changed record behind the files", MOST_GROWTH, changed[-1] / changed[0], " ×"),
        ),
        {
            f"{day.learners} learners, {name}": [asdict(day.run(stage)) for stage in every]
            for name, days in (("first day", firsts), ("next day", laters))
            for day in days
        },
    )


def _stages(name: str, title: str, days: Sequence[Day]) -> Table:
    rows = [
        (
            day.records,
            stage,
            round(day.run(stage).wall_s, 1),
            round(day.run(stage).own_cpu_s, 1),
            round(day.run(stage).server_cpu_s, 1),
            round(day.broker_cpu_s[stage], 1),
            round(day.run(stage).peak_rss_mb),
            round(day.disk_mb[stage]),
        )
        for day in days
        for stage in STAGES
    ]
    columns = ("records", "stage", "wall s", "own CPU-s", "database CPU-s", "broker CPU-s", "peak RSS MB", "disk MB")
    return Table(name, title, columns, rows)


def _costs(name: str, title: str, days: Sequence[Day]) -> Table:
    lines = [(stage, [stage]) for stage in STAGES]
    rows = []
    for stage, names in [*lines, ("all", list(STAGES))]:
        costs = [day.cost_us(names) for day in days]
        growth = round(costs[-1] / costs[0], 2) if costs[0] else None
        rows.append((stage, *(round(cost) for cost in costs), growth))
    return Table(name, title, ("stage", *(f"{day.records:,}" for day in days), "× largest to smallest"), rows)


def _parts(firsts: Sequence[Day], laters: Sequence[Day]) -> Table:
    rows = [
        (day.records, when, stage, part, round(seconds, 1))
        for when, day in (("first day", firsts[-1]), ("next day", laters[-1]))
        for stage in STAGES
        for part, seconds in day.run(stage).parts.items()
    ]
    return Table("parts", "Where the largest province's seconds are", ("records", "day", "stage", "part", "s"), rows)
