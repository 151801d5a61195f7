"""./flyover docs: writes the pages that are made from the code."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmarks import page as performance_page
from cli import interfaces
from cli.output import emit_table, say
from expectations.rules import page as rules_page
from pipeline import contract_dbt
from pipeline.rights import page as rights_page
from pipeline.settings import CHECKOUT, Settings, load
from release import page as indicators_page


def docs(
    warehouse: Annotated[
        bool, typer.Option("--warehouse", help="One offline page of the warehouse, into the state directory.")
    ] = False,
) -> None:
    """Write docs/reference/{interfaces,rules,indicators,rights}.md, docs/performance.md and dbt's sources.

    With --warehouse: every model, column and test of the warehouse on one page, and how many there are.
    """
    if warehouse:
        _warehouse(load())
        return
    pages = (
        interfaces.write(),
        rules_page.write(CHECKOUT),
        indicators_page.write(CHECKOUT),
        rights_page.write(CHECKOUT),
        performance_page.write(CHECKOUT),
    )
    for page in (*pages, *contract_dbt.write(CHECKOUT)):
        say(f"written: {page}")


def _warehouse(settings: Settings) -> None:
    from release import build

    counted = build.inventory(settings)
    say(f"written: {build.write_page(settings)}")
    emit_table("The warehouse", tuple(vars(counted)), [tuple(vars(counted).values())], as_json=False)
