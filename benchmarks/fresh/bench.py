"""``./flyover bench fresh``: publish → visible in core while records keep coming, and where the seconds are."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import house
from benchmarks.frame import Progress
from benchmarks.fresh import diary, way
from benchmarks.fresh.diary import TASKS, Diary
from benchmarks.fresh.sight import Sight
from benchmarks.fresh.stream import AGENCY, ENTITY, SOURCE, Dropped, Stream, drop
from benchmarks.fresh.way import PARTS, Journey
from benchmarks.house import Spent
from benchmarks.report import Goal, Report, Table, at_most, machine
from pipeline.db import connect
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings
from stack import airflow_api, control
from stack.airflow_api import Airflow
from stack.state import State

RATE, SECONDS, A_FILE_S = 500, 600, 5.0
"""records a second, for so long, in a file each so many seconds"""
AIM_S, LIMIT_S = 30.0, 90.0
LOOK_AGAIN_S, PATIENCE_S = 1.0, 300.0
_OF_A_SOURCE = ("ingest__", "land__", "validate__")
_STEPS: Mapping[str, Callable[[Journey], tuple[dt.datetime, dt.datetime]]] = {
    "pull": lambda batch: (batch.dropped, batch.staged),
    "publish": lambda batch: (batch.staged, batch.published),
    "land": lambda batch: (batch.published, batch.landed),
    "judge": lambda batch: (batch.landed, batch.judged),
    "model": lambda batch: (batch.judged, batch.visible),
}
_COUNT = """
select count(*), count(distinct record_id) from core.fct_learning_activity
where agency_code = %s and source_entity = %s
"""


@dataclass(frozen=True)
class Round:
    """One run of the stream: its batches, what ran, what that took, and what never came."""

    journeys: Sequence[Journey]
    diary: Diary
    spent: Spent
    wall_s: float
    late_s: float
    unseen_files: int

    def delay(self, share: float, since: Callable[[Journey], dt.datetime]) -> float:
        """Percentile over all records, in seconds until they were visible."""
        return way.percentile(
            (((batch.visible - since(batch)).total_seconds(), batch.rows) for batch in self.journeys), share
        )


def run(
    command: str, progress: Progress, *, rows: int | None = None, rounds: int = 1, rate: int | None = None
) -> Report:
    """Run the stream ``rounds`` times through a stack of its own, ``rows`` records at ``rate`` a second.

    :raises SystemTrouble: when the stack does not start or its first file does not reach core
    """
    facts, rate = machine(), rate or RATE
    a_file = max(1, round(rate * A_FILE_S))
    files = max(1, (rows or rate * SECONDS) // a_file)
    with house.empty(progress) as state:
        settings = control.up(progress, state=state)
        airflow = airflow_api.of(state)
        _let_run(airflow, progress)
        folder = settings.drop_dir / AGENCY
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        first = drop(folder, 0, a_file)
        _wait(lambda: _modelled(settings, first), "the first file to reach core", progress)
        done = [_round(state, settings, files, a_file, 1 + number * files, progress) for number in range(rounds)]
        records = _in_core(settings)
    return _report(command, facts, done, a_file, (1 + rounds * files) * a_file, records)


def _let_run(airflow: Airflow, progress: Progress) -> None:
    """Unpause what a province has running beside the stream: everything but the DAGs of other sources."""
    wanted = {dag for dag, _ in TASKS.values()}
    _wait(lambda: wanted <= airflow.dag_ids(), "Airflow to read the DAGs", progress)
    others = {dag for dag in airflow.dag_ids() if not dag.startswith(_OF_A_SOURCE)}
    for dag in sorted(wanted | others | {"land__vault"}):
        airflow.unpause(dag)


def _round(state: State, settings: Settings, files: int, a_file: int, first: int, progress: Progress) -> Round:
    dropped: list[Dropped] = []
    sight = Sight(settings)
    sight.start()

    def told(file: Dropped) -> None:
        dropped.append(file)
        sight.await_file(file)

    since, began, before = dt.datetime.now(dt.UTC), time.monotonic(), Spent.until_now(state)
    stream = Stream(settings.drop_dir / AGENCY, files, a_file, A_FILE_S, told, first)
    progress(f"stream: {files} files of {a_file:,} events, one every {A_FILE_S:g} s")
    stream.start()
    stream.join()
    progress(f"stream: ended, {len(sight.seen())} of {files} files visible in core")
    _wait(lambda: len(sight.seen()) == files, "the last file to reach core", progress, or_raise=False)
    spent, wall_s = Spent.until_now(state).since(before), time.monotonic() - began
    sight.stop()
    seen = sight.seen()
    progress(f"stream: {len(seen)} of {files} files visible in core after {wall_s:.0f} s")
    journeys = diary.journeys(settings, dropped, seen)
    return Round(journeys, diary.read(settings, since), spent, wall_s, stream.latest_s, files - len(journeys))


def _wait(there: Callable[[], bool], what: str, progress: Progress, *, or_raise: bool = True) -> None:
    progress(f"waiting for {what}")
    deadline = time.monotonic() + PATIENCE_S
    while not there():
        if time.monotonic() > deadline:
            if or_raise:
                raise SystemTrouble(f"benchmark: waited {PATIENCE_S:.0f} s for {what}")
            progress(f"gave up waiting for {what}")
            return
        time.sleep(LOOK_AGAIN_S)


def _modelled(settings: Settings, file: Dropped) -> bool:
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute(
            "select 1 from connect.delivery as d inner join quality.batch as q using (delivery_id) "
            "where d.origin = %s and q.modelled_at is not null",
            (file.name,),
        ).fetchone()
    return found is not None


def _in_core(settings: Settings) -> tuple[int, int]:
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute(_COUNT, (AGENCY, f"{SOURCE}__{ENTITY}")).fetchone()
    return (found[0], found[1]) if found else (0, 0)


def _report(
    command: str, facts: dict[str, Any], rounds: Sequence[Round], a_file: int, sent: int, in_core: tuple[int, int]
) -> Report:
    p95 = statistics.median(each.delay(0.95, _published) for each in rounds)
    unseen = sum(each.unseen_files for each in rounds)
    whole = in_core == (sent, sent) and not unseen
    told = f"{in_core[0]:,} of {sent:,}, {in_core[0] - in_core[1]:,} twice, {unseen} files never seen"
    return Report(
        "fresh",
        command,
        facts,
        (
            _delays(rounds, a_file),
            _parts(rounds),
            _runs(rounds),
            _cpu(rounds),
        ),
        (
            at_most("publish → core, p95 of the records", AIM_S, p95, " s"),
            at_most("the same, at the most", LIMIT_S, p95, " s"),
            Goal("every record in core, once", "all", told, whole),
        ),
        {f"round {number}": [asdict(batch) for batch in each.journeys] for number, each in enumerate(rounds, 1)},
    )


def _published(batch: Journey) -> dt.datetime:
    return batch.published


def _dropped(batch: Journey) -> dt.datetime:
    return batch.dropped


def _delays(rounds: Sequence[Round], a_file: int) -> Table:
    rows: list[tuple[Any, ...]] = []
    for number, each in enumerate(rounds, 1):
        for name, since in (("published → core", _published), ("file dropped → core", _dropped)):
            shares = (round(each.delay(share, since), 1) for share in (0.5, 0.95, 0.99, 1.0))
            rows.append((number, name, len(each.journeys) * a_file, *shares, round(each.late_s, 1)))
    columns = ("round", "from → to", "records", "p50 s", "p95 s", "p99 s", "longest s", "stream late by s")
    return Table("fresh", "Seconds until a record is visible in core", columns, rows)


def _parts(rounds: Sequence[Round]) -> Table:
    rows: list[tuple[Any, ...]] = []
    for stage, ends in _STEPS.items():
        split = [
            found
            for each in rounds
            for batch in each.journeys
            if (found := way.parts(*ends(batch), each.diary.runs[stage], each.diary.spans[stage])) is not None
        ]
        if split:
            means = [round(way.mean(split, part), 1) for part in PARTS]
            whole = [sum(found.values()) for found in split]
            p95 = way.percentile(((seconds, 1) for seconds in whole), 0.95)
            rows.append((stage, len(split), *means, round(statistics.mean(whole), 1), round(p95, 1)))
    columns = ("stage", "batches", *PARTS, "whole", "p95 of the whole")
    return Table(
        "parts",
        "Where the seconds are: mean seconds of a batch in each stage; from landing on it is published",
        columns,
        rows,
    )


def _runs(rounds: Sequence[Round]) -> Table:
    rows = [
        (task, count, round(seconds / count, 1), round(100 * seconds / each.wall_s))
        for each in rounds[-1:]
        for task, count, seconds in each.diary.tasks
    ]
    columns = ("task", "runs", "mean s", "% of the time under way")
    return Table("tasks", "What Airflow ran in the last round", columns, rows)


def _cpu(rounds: Sequence[Round]) -> Table:
    last = rounds[-1]
    columns = ("processes", "CPU-s", "% of one core")
    return Table(
        "cpu", f"Processor time of the last round ({last.wall_s:.0f} s)", columns, last.spent.rows(last.wall_s)
    )
