"""The whole demo on Airflow with Celery: two workers share its tasks, and the books balance at the end."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import CHECKOUT
from stack import control, workers
from stack.state import State
from stack.supervisor import clean_environment

IS_INSTALLED = importlib.util.find_spec("airflow.providers.celery") is not None and shutil.which("redis-server")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[State]:
    state = State.open(tmp_path / "state")
    yield state
    control.erase(lambda _message: None, state=state)


def flyover(state: State, *arguments: str) -> Any:
    """What a command says as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments, "--json"],
        cwd=CHECKOUT,
        env={
            **clean_environment(),
            "FLYOVER_STATE": str(state.root),
            "PYTHONPATH": str(CHECKOUT),
            workers.SETTING: "celery",
        },
        stdout=subprocess.PIPE,
        timeout=1800,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.airflow
@pytest.mark.skipif(not IS_INSTALLED, reason="needs FLYOVER_EXTRAS=celery and Debian's redis-server")
def test_the_demo_ends_with_balanced_books_on_two_workers(fresh: State) -> None:
    flyover(fresh, "demo", "--learners", "1000")
    unbalanced = (
        "select count(*) filter (where received <> released + quarantined + duplicate + refused + held) as wrong, "
        "count(*) filter (where status in ('landing', 'landed')) as under_way, count(*) as batches from quality.batch"
    )
    (books,) = flyover(fresh, "sql", "--role", "engineer", unbalanced)
    assert (books["wrong"], books["under_way"]) == (0, 0)
    assert books["batches"] > 50
    (numbers,) = flyover(fresh, "sql", "select count(*) as n from mart.current_indicator_value")
    assert numbers["n"] > 1000
    done = [
        (fresh.logs / f"{name}.log").read_text(errors="replace").count("succeeded in")
        for name in workers.service_names(fresh)
        if name.startswith(workers.WORKER)
    ]
    sys.stdout.write(f"tasks by worker: {done}\n")
    assert len(done) == 2
    assert min(done) > 10, "both did their part"
