"""Airflow's ConsumeFromTopicOperator with its PostgreSQL hook's fast insert, run as a task's process runs it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

from benchmarks.peers import flat, lane

BATCH = 10_000


def prepare(job: lane.Job) -> lane.Work:
    """Batches of ten thousand, committed as they end.

    Without psycopg 3 its hook inserts by execute_values: twice as quick as what it does otherwise.
    """
    sys.modules["psycopg"] = None  # type: ignore[assignment]
    kafka = {
        "bootstrap.servers": job["bootstrap"],
        "group.id": job["group"],
        "auto.offset.reset": "earliest",
        "enable.auto.commit": "false",
    }
    login = f"{job['user']}:{job['password']}@{job['host']}:{job['port']}/{job['database']}"
    os.environ.update(
        AIRFLOW_HOME=os.getcwd(),
        AIRFLOW__LOGGING__LOGGING_LEVEL="WARNING",
        AIRFLOW_CONN_KAFKA_DEFAULT=json.dumps({"conn_type": "kafka", "extra": kafka}),
        AIRFLOW_CONN_POSTGRES_DEFAULT=f"postgres://{login}",
    )
    from airflow.providers.apache.kafka.operators.consume import ConsumeFromTopicOperator
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    operator = ConsumeFromTopicOperator(
        task_id="land",
        topics=[job["topic"]],
        apply_function_batch=partial(_insert, PostgresHook(), job["table"]),
        commit_cadence="end_of_batch",
        max_messages=job["rows"],
        max_batch_size=min(BATCH, job["rows"]),
        poll_timeout=5,
    )

    def work() -> Mapping[str, Any]:
        operator.execute({})
        return {}

    return work


def _insert(hook: Any, table: str, messages: list[Any]) -> None:
    rows = [flat.values(message.value()) for message in messages]
    hook.insert_rows(table, rows, target_fields=list(flat.COLUMNS), commit_every=BATCH, fast_executemany=True)


if __name__ == "__main__":
    lane.run(prepare)
