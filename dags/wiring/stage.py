"""What every DAG has in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from airflow.sdk import DAG

from dags.wiring.alarms import Sound, quieten
from dags.wiring.retries import FIRST_WAIT, RETRIES, RetryTrouble

ENGINEERS = "data-engineering"
LONGEST_TASK = dt.timedelta(hours=3)


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
    **more: Any,
) -> DAG:
    """A DAG of one stage: one run at a time, wake-ups that come meanwhile are joined into the next.

    ``doc`` says what it reads and writes, how long it takes and what to do at 3 a.m.; ``more`` goes to ``DAG``.
    """
    return DAG(
        dag_id,
        schedule=schedule,
        start_date=None,  # with one, a DAG that is unpaused first makes up for the last date of its calendar
        catchup=False,
        max_active_runs=1,
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
        },
        **more,
    )
