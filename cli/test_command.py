"""./flyover test: the suites, through one run of pytest, so that its own last line is the result."""

from __future__ import annotations

import os
import sys

import typer

from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT
from stack.supervisor import clean_environment

ALWAYS = ("unit", "contract", "spec", "dags", "golden", "mutation", "integration", "browser", "faults", "security")
BY_NAME = ("faults", "mutation", "browser", "security")
WORKERS_AT_MOST = 4
"""each has a broker and a database of its own"""
IN_PARALLEL = ("--dist", "loadfile", "--no-loadscope-reorder", "-n")
OF_A_STACK = ("FLYOVER_STATE", "FLYOVER_PG_", "FLYOVER_KAFKA_")


def pytest_arguments(arguments: list[str]) -> list[str]:
    """What pytest is told: one suite whole, a test file, or everything that is not slow; options are handed on."""
    first = arguments[0] if arguments else "-"
    if first in BY_NAME:
        return [f"tests/{first}", *arguments[1:]]
    if first.startswith("-"):
        present = [f"tests/{name}" for name in ALWAYS if (CHECKOUT / "tests" / name).is_dir()]
        workers = min(WORKERS_AT_MOST, len(os.sched_getaffinity(0)))
        return ["-m", "not slow", *IN_PARALLEL, str(workers), *present, *arguments]
    if not (CHECKOUT / first.partition("::")[0]).exists():
        raise BadInput(f"no suite or test file {first}", advice=f"Suites by name: {', '.join(BY_NAME)}")
    return arguments


def run_tests(context: typer.Context) -> None:
    """Run the tests: unit, contract, spec, dags, golden, mutation, integration, browser, short faults.

    ./flyover test faults|mutation|browser|security runs one of the suites whole. The tests start servers of their own
    and touch nothing of ./flyover up. What follows is handed to pytest: ./flyover test -k kafka -x; and
    ./flyover test browser --pictures makes the pictures of the walk-through anew.
    """
    arguments = pytest_arguments(context.args)
    # A person's own stack must not leak into the tests, whatever their shell has set.
    env = {name: value for name, value in clean_environment().items() if not name.startswith(OF_A_STACK)}
    os.chdir(CHECKOUT)
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *arguments], env)


run_tests.context_settings = {"allow_extra_args": True, "ignore_unknown_options": True}  # type: ignore[attr-defined]
