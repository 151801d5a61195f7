"""./flyover docs: writes the pages that are made from the code."""

from __future__ import annotations

from cli import interfaces
from cli.output import say
from expectations.rules import page as rules_page
from pipeline import contract_dbt
from pipeline.settings import CHECKOUT


def docs() -> None:
    """Write docs/reference/interfaces.md, docs/reference/rules.md and dbt's sources from the code."""
    for page in (interfaces.write(), rules_page.write(CHECKOUT), *contract_dbt.write(CHECKOUT)):
        say(f"written: {page}")
