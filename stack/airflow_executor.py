"""Airflow's LocalExecutor with the engines imported before its workers are forked.

A task is a fork of a worker, and a worker a fork of the scheduler: what the scheduler has imported costs a task
nothing. Great Expectations takes about 4 s of processor time to import and dbt 2.5 s, for every task anew otherwise,
and the memory is shared instead of taken by each. Our own packages are left out: their changes take effect at once.
"""

import importlib

from airflow.executors.local_executor import LocalExecutor

ENGINES = ("great_expectations", "dbt.cli.main", "dbt.adapters.postgres", "kafka", "psycopg")


class WarmLocalExecutor(LocalExecutor):  # type: ignore[misc]  # Airflow is not typed for us
    """LocalExecutor whose workers start with the engines in memory."""

    def start(self) -> None:
        """Import the engines, then fork the workers."""
        for engine in ENGINES:
            importlib.import_module(engine)
        super().start()
