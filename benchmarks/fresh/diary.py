"""What PostgreSQL knows of a run of the stream: batches and stages from our books, tasks from Airflow's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.fresh.stream import AGENCY, SOURCE, Dropped
from benchmarks.fresh.way import Journey, Run, Span
from pipeline import names
from pipeline.db import connect
from pipeline.settings import Settings

METADATA, METADATA_ROLE = "airflow", "airflow"
TASKS: Mapping[str, tuple[str, str]] = {
    "pull": (names.ingest_dag(SOURCE, AGENCY), "pull_delivery"),
    "publish": (names.ingest_dag(SOURCE, AGENCY), "publish_batches"),
    "land": (names.land_dag(SOURCE), "drain_topics"),
    "judge": (names.validate_dag(SOURCE), "judge_batches"),
    "model": ("build__warehouse", "build_core"),
}
"""Task of each stage that a batch goes through."""
_BATCHES = """
select d.origin, b.expected_rows, b.staged_at, b.published_at, q.landed_at, q.judged_at
from connect.delivery as d
inner join connect.batch as b using (delivery_id)
inner join quality.batch as q using (batch_id)
where d.agency_code = %s and q.status = 'released'
"""
_SPANS = "select stage, started_at, finished_at from quality.stage_run where started_at >= %s order by started_at"
_RUNS = """
select t.dag_id, t.task_id, t.queued_dttm, t.start_date, coalesce(t.end_date, now()), coalesce(r.end_date, now())
from task_instance as t
inner join dag_run as r on t.dag_id = r.dag_id and t.run_id = r.run_id
where t.start_date >= %s and t.queued_dttm is not null
order by t.queued_dttm
"""


@dataclass(frozen=True)
class Diary:
    """Runs and spans by stage, and how often and how long each task ran: (DAG and task, runs, seconds of all)."""

    runs: Mapping[str, Sequence[Run]]
    spans: Mapping[str, Sequence[Span]]
    tasks: Sequence[tuple[str, int, float]]


def journeys(settings: Settings, dropped: Sequence[Dropped], seen: Mapping[str, dt.datetime]) -> list[Journey]:
    """The way of each file that has reached core, in the order in which they were dropped."""
    with connect(settings, "flyover_owner") as connection:
        found = {origin: moments for origin, *moments in connection.execute(_BATCHES, (AGENCY,))}
    return [
        Journey(rows, file.at, staged, published, landed, judged, seen[file.name])
        for file in dropped
        if file.name in seen and file.name in found
        for rows, staged, published, landed, judged in [found[file.name]]
    ]


def read(settings: Settings, since: dt.datetime) -> Diary:
    """What ran since a moment."""
    with connect(settings, "flyover_owner") as connection:
        noted = connection.execute(_SPANS, (since,)).fetchall()
    with connect(replace(settings, pg_database=METADATA), METADATA_ROLE) as connection:
        ran = connection.execute(_RUNS, (since,)).fetchall()
    spans = {stage: [Span(began, ended) for of, began, ended in noted if of == stage] for stage in TASKS}
    runs = {
        stage: [Run(*moments) for dag, name, *moments in ran if (dag, name) == task] for stage, task in TASKS.items()
    }
    every: dict[str, list[float]] = {}
    for dag, name, _, started, ended, _ in ran:
        every.setdefault(f"{dag}.{name}", []).append((ended - started).total_seconds())
    tasks = sorted(((name, len(took), sum(took)) for name, took in every.items()), key=lambda row: -row[2])
    return Diary(runs, spans, tasks)
