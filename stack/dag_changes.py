"""How the DAGs of this checkout differ from those of a revision: read in two fresh processes, nothing is run.

The running Airflow reads this very checkout, so it is no measure of what has changed in it; what was committed is.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import CHECKOUT
from stack import airflow
from stack.supervisor import clean_environment

_TASKS = "tasks"


@dataclass(frozen=True)
class DagChange:
    """A DAG that differs; ``where`` names settings and tasks, or says why its file cannot be read."""

    dag: str
    kind: Literal["added", "gone", "changed", "unreadable"]
    where: str


def since(revision: str, checkout: Path = CHECKOUT) -> list[DagChange]:
    """Changes since ``revision``, by DAG; unreadable files first.

    :raises BadInput: when this checkout knows no such revision
    """
    now = _described(checkout)
    with _exported(checkout, revision) as folder:
        before = _described(folder)
    broken = [DagChange(path, "unreadable", why) for path, why in sorted(now["errors"].items())]
    return broken + list(_compared(before["dags"], now["dags"]))


def _compared(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[DagChange]:
    for dag in sorted(before.keys() | now.keys()):
        if dag not in now:
            yield DagChange(dag, "gone", "")
        elif dag not in before:
            yield DagChange(dag, "added", ", ".join(f"task {name}" for name in _tasks(now[dag])))
        elif where := list(_moved(before[dag], now[dag])):
            yield DagChange(dag, "changed", ", ".join(where))


def _moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    keys = (before.keys() | now.keys()) - {_TASKS, "task_group"}
    yield from (key.strip("_") for key in sorted(keys) if before.get(key) != now.get(key))
    then, today = _tasks(before), _tasks(now)
    for name in sorted(then.keys() | today.keys()):
        if then.get(name) != today.get(name):
            verb = "added" if name not in then else "gone" if name not in today else "changed"
            yield f"task {name} {verb}"


def _tasks(dag: Mapping[str, Any]) -> dict[str, Any]:
    found = (task.get("__var", task) for task in dag.get(_TASKS, ()))
    return {str(task["task_id"]): task for task in found}


def _described(checkout: Path) -> dict[str, Any]:
    program = (CHECKOUT / "stack" / "airflow_dags.py").read_text(encoding="utf-8")  # an old revision may lack it
    with tempfile.TemporaryDirectory(prefix="airflow-") as home:
        done = subprocess.run(
            [sys.executable, "-c", program, str(checkout / "dags")],
            env={
                **clean_environment(),
                **airflow.SHARED_SETTINGS,
                "AIRFLOW_HOME": home,
                "AIRFLOW__CORE__DAGS_FOLDER": str(checkout / "dags"),
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
                "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
                "PYTHONPATH": str(checkout),
            },
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        told = done.stderr.strip().splitlines() or ["no word"]
        raise SystemTrouble(f"the DAGs of {checkout} could not be read: {told[-1]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def _exported(checkout: Path, revision: str) -> Iterator[Path]:
    """What was committed as ``revision``, in a folder for as long as it is looked at."""
    try:
        packed = subprocess.run(
            ["git", "archive", "--format=tar", revision, "--"], cwd=checkout, capture_output=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", b"").decode(errors="replace").strip() or str(error)
        raise BadInput(
            f"there is no revision {revision} of this checkout to compare its DAGs with ({told.splitlines()[0]})",
            advice="Name one with --since, or leave the DAGs out: --only rules or --only models.",
        ) from None
    with tempfile.TemporaryDirectory(prefix="revision-") as folder:
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            # Debian 12's own Python knows the filter by this name alone
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(folder)  # noqa: S202 - git's archive of our own revision
        yield Path(folder)
