"""The whole demo as its first reader starts it: servers and an Airflow of its own, from files to a release."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import CHECKOUT
from stack import control
from stack.state import State
from stack.supervisor import clean_environment
from tests.taskpage import Terminal


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[State]:
    """A machine that has nothing of it yet."""
    state = State.open(tmp_path / "state")
    yield state
    control.erase(lambda _message: None, state=state)


@pytest.mark.slow
@pytest.mark.airflow
@pytest.mark.task("E1")
def test_the_demo_goes_from_files_to_a_release(fresh: State) -> None:
    Terminal(fresh.root, patience_s=1800).do("E1")
    shown = subprocess.run(
        [sys.executable, "-m", "cli.main", "sql", "--json", "select count(*) as n from mart.current_indicator_value"],
        cwd=CHECKOUT, env={**clean_environment(), "FLYOVER_STATE": str(fresh.root), "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    assert json.loads(shown.stdout)[0]["n"] > 1000
