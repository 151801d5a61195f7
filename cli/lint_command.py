"""./flyover lint: what the code must look like, checked by the usual tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer

from cli.output import say, timed_progress
from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("sqlfluff", "lint", "--disable-progress-bar", "dbt_project/models", "dbt_project/tests"),
)


def lint() -> None:
    """Run ruff, mypy, import-linter and sqlfluff over the project, and the TypeScript compiler over its pages."""
    tools = Path(sys.executable).parent
    failed = []
    for check in CHECKS:
        say(" ".join(check))
        if subprocess.run([tools / check[0], *check[1:]], cwd=CHECKOUT, check=False).returncode:
            failed.append(check[0])
    say("tsc --noEmit")
    if not _compiles():
        failed.append("tsc")
    if failed:
        say(f"not clean: {', '.join(failed)}")
        raise typer.Exit(1)


def _compiles() -> bool:
    """Whether the pages satisfy the TypeScript compiler."""
    from stack import site

    try:
        with site.workshop(timed_progress()) as work:
            site.run(work, "tsc", "--noEmit")
    except SystemTrouble as trouble:
        say(str(trouble))
        return False
    return True
