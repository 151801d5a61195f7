"""./flyover lint: what the code must look like, checked by the usual tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer

from cli.output import say
from pipeline.settings import CHECKOUT

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("sqlfluff", "lint", "--disable-progress-bar", "dbt_project/models", "dbt_project/tests"),
)


def lint() -> None:
    """Run ruff, mypy, import-linter and sqlfluff over the project."""
    tools = Path(sys.executable).parent
    failed = []
    for check in CHECKS:
        say(" ".join(check))
        if subprocess.run([tools / check[0], *check[1:]], cwd=CHECKOUT, check=False).returncode:
            failed.append(check[0])
    if failed:
        say(f"not clean: {', '.join(failed)}")
        raise typer.Exit(1)
