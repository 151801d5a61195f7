"""Runs inside Airflow's environment: one Celery worker, with the engines imported before it forks.

    python -m stack.airflow_worker --celery-hostname NAME@%h …

As with the LocalExecutor (stack/airflow_executor.py), what the worker has imported costs its tasks nothing.
"""

import importlib
import sys

from stack.airflow_executor import ENGINES


def main(options: list[str]) -> None:
    """Import the engines, then become Airflow's own worker command."""
    for engine in ENGINES:
        importlib.import_module(engine)
    from airflow.__main__ import main as airflow

    sys.argv = ["airflow", "celery", "worker", *options]
    airflow()


if __name__ == "__main__":
    main(sys.argv[1:])
