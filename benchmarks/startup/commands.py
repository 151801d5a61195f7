"""Runs commands of ./flyover, each in a process of its own, and says what each run took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT
from stack.supervisor import clean_environment

_LIST = "import cli.main; print(*(command.name for command in cli.main.COMMANDS))"
_HEAVY = frozenset({"airflow", "dbt", "great_expectations", "pandas", "scipy", "sqlalchemy", "kafka", "openpyxl"})
_LOADED = "import sys, cli.main; [cli.main.build([name]) for name in sys.argv[1:]]; print(*sys.modules)"
_LAST_WORDS = 2_000


@dataclass(frozen=True)
class Ran:
    """One run of a command; processor time is its own and that of the children it waited for."""

    wall_s: float
    cpu_s: float


def ours() -> list[str]:
    """The command line's commands, as it lists them itself: it stands above this package, so it is asked."""
    return _python("-c", _LIST).split()


def heavy_imports(*names: str) -> list[str]:
    """Heavy libraries that commands load before they know what they are to do."""
    return sorted(_HEAVY.intersection(_python("-c", _LOADED, *names).split()))


def run(arguments: Sequence[str], *, state: Path | None = None) -> Ran:
    """Run ./flyover with these arguments in the environment of the checkout.

    :raises SystemTrouble: when it says that something is wrong; what it said is told
    """
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "cli.main", *arguments],
        env=_environment(state),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        said = process.stdout.read() if process.stdout else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        words = said.decode(errors="replace")[-_LAST_WORDS:]
        raise SystemTrouble(f"benchmark: ./flyover {' '.join(arguments)} ended with {process.returncode}:\n{words}")
    return Ran(time.monotonic() - began, used.ru_utime + used.ru_stime)


def _python(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", *arguments], env=_environment(None), capture_output=True, text=True, check=True
    )
    return done.stdout


def _environment(state: Path | None) -> dict[str, str]:
    known = {**clean_environment(), "PYTHONPATH": str(CHECKOUT)}
    return known | ({"FLYOVER_STATE": str(state)} if state else {})
