"""./flyover test: the suites, through one run of pytest, so that its own last line is the result."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT
from stack.supervisor import clean_environment

ALWAYS = ("unit", "contract", "dags", "golden", "integration", "faults")
BY_NAME = ("faults", "browser", "security")
_OWN_VARIABLES = "FLYOVER_"


def pytest_arguments(suite: str | None, extra: list[str]) -> list[str]:
    """What pytest is told: everything that is not slow, or one directory whole."""
    if suite in BY_NAME:
        return [f"tests/{suite}", *extra]
    if suite is not None and not suite.startswith("-") and not (CHECKOUT / suite.partition("::")[0]).exists():
        raise BadInput(f"no suite or test file {suite}", advice=f"Suites by name: {', '.join(BY_NAME)}")
    if suite is not None:
        return [suite, *extra]
    present = [f"tests/{name}" for name in ALWAYS if (CHECKOUT / "tests" / name).is_dir()]
    return ["-m", "not slow", *present, *extra]


def run_tests(
    context: typer.Context,
    suite: Annotated[str | None, typer.Argument(help="faults, browser, security, or a test file.")] = None,
) -> None:
    """Run the tests: unit, contract, dags, golden, integration and the short faults.

    They start servers of their own and touch nothing of ./flyover up. What follows is handed to pytest:
    ./flyover test -k kafka -x
    """
    arguments = pytest_arguments(suite, context.args)
    # A person's own stack must not leak into the tests, whatever their shell has set.
    env = {name: value for name, value in clean_environment().items() if not name.startswith(_OWN_VARIABLES)}
    os.chdir(CHECKOUT)
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *arguments], env)


run_tests.context_settings = {"allow_extra_args": True, "ignore_unknown_options": True}  # type: ignore[attr-defined]
