"""./flyover check: what an agency or a source still lacks before its records can flow."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import emit_table, say
from connectors import registry
from pipeline.settings import CHECKOUT


def check(
    agency: Annotated[str | None, typer.Option("--agency", help="Only this agency and its source.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Only this source.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """List what is missing or wrong: agencies' settings, contracts, readers, rules, models, fixtures.

    The exit code is 2 when anything is.
    """
    found = registry.problems(CHECKOUT, source=source, agency=agency)
    if found or as_json:
        rows = [(problem.subject, problem.missing, problem.advice) for problem in found]
        emit_table("Still missing", ("subject", "missing", "advice"), rows, as_json)
    if found:
        raise typer.Exit(2)
    say("nothing is missing")
