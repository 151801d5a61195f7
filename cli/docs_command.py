"""./flyover docs: writes the pages that are made from the code."""

from __future__ import annotations

from cli import interfaces
from cli.output import say
from expectations.rules import page as rules_page
from pipeline import contract_dbt
from pipeline.settings import CHECKOUT
from release import page as indicators_page


def docs() -> None:
    """Write docs/reference/{interfaces,rules,indicators}.md and dbt's sources from the code."""
    pages = (interfaces.write(), rules_page.write(CHECKOUT), indicators_page.write(CHECKOUT))
    for page in (*pages, *contract_dbt.write(CHECKOUT)):
        say(f"written: {page}")
