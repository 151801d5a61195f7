"""./flyover docs: writes the pages that are made from the code."""

from __future__ import annotations

from cli import interfaces
from cli.output import say
from expectations import suites
from pipeline import contract_dbt


def docs() -> None:
    """Write docs/reference/interfaces.md, docs/reference/rules.md and dbt's sources from the code."""
    say(f"written: {interfaces.write()}")
    suites.main()
    contract_dbt.main()
