"""Commands are run as a person runs them, and what makes one slow to begin is named."""

import pytest

from benchmarks.startup import commands
from pipeline.errors import SystemTrouble

TOO_HEAVY = {"airflow", "dbt", "great_expectations", "pandas", "scipy"}


def test_every_command_is_known_and_none_loads_an_engine_before_it_has_begun():
    known = commands.ours()
    assert {"demo", "up", "sql", "bench"} <= set(known)
    assert TOO_HEAVY.intersection(commands.heavy_imports(*known)) == set()


def test_a_run_takes_time_and_one_that_fails_says_what_it_said(tmp_path):
    ran = commands.run(["--help"])
    assert ran.cpu_s > 0
    assert ran.wall_s > 0
    with pytest.raises(SystemTrouble, match=r"batches ended with 2(?s:.*)start the stack first"):
        commands.run(["batches"], state=tmp_path)
