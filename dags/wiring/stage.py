"""What every DAG has in common."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable

from dags.wiring.alarms import Sound, quieten
from dags.wiring.retries import FIRST_WAIT, RETRIES, RetryTrouble

ENGINEERS = "data-engineering"
LONGEST_TASK = dt.timedelta(hours=3)
ON_THE_WAY, BESIDE_IT = 10, 1
"""Priorities: when workers are few, a task that carries records comes before one that looks at what was carried."""
NICENESS = "FLYOVER_NICENESS_BESIDE"


def calendar(cron: str, timezone: str) -> CronTriggerTimetable:
    """Dates to come, the first of them too: left to itself, Airflow also runs what was due when it was unpaused.

    It would look back over a tenth of the interval, so on a Monday a weekly release would be published at once.
    """
    return CronTriggerTimetable(cron, timezone=timezone, run_immediately=dt.timedelta(0))


def stage_dag(
    dag_id: str,
    stage: str,
    *,
    schedule: Any,
    description: str,
    doc: str | None,
    owner: str = ENGINEERS,
    sectors: Iterable[str] = (),
    source: str | None = None,
    agency: str | None = None,
    max_active_runs: int = 1,
    beside: bool = False,
    **more: Any,
) -> DAG:
    """A DAG of one stage: one run at a time, wake-ups that come meanwhile are joined into the next.

    ``doc`` says what it reads and writes, how long it takes and what to do at 3 a.m.; only what merely waits has more
    ``max_active_runs``; ``beside`` says that no record waits for it on its way into core, so that it gives way to those
    that do; ``more`` goes to ``DAG``.
    """
    return DAG(
        dag_id,
        schedule=schedule,
        start_date=None,  # with one, a DAG that is unpaused first makes up for the last date of its calendar
        catchup=False,
        max_active_runs=max_active_runs,
        description=description,
        doc_md=doc,
        tags={stage, *sectors},
        default_args={
            "owner": owner,
            "retries": RETRIES,
            "retry_delay": FIRST_WAIT,
            "retry_policy": RetryTrouble(),
            "execution_timeout": LONGEST_TASK,
            "on_failure_callback": Sound(stage, source=source, agency=agency),
            "on_success_callback": quieten,
            "on_skipped_callback": quieten,  # nothing to do is as good as done
            "priority_weight": BESIDE_IT if beside else ON_THE_WAY,
            "weight_rule": "absolute",
            **({"pre_execute": give_way} if beside else {}),
        },
        **more,
    )


def give_way(context: object) -> None:
    """Take the processor only where no one else wants it, where each task has a process of its own.

    That is so under the executor, whose environment says by how much; a test runs tasks in its own process.
    """
    if by := os.environ.get(NICENESS):
        os.setpriority(os.PRIO_PROCESS, 0, int(by))
