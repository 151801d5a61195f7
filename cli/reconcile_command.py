"""./flyover reconcile: whether each step holds what the one before it sent on."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from cli.output import Table, emit_tables, say
from pipeline.settings import load

IMBALANCE_EXIT_CODE = 4
COLUMNS = ("day", "agency", "source", "entity", "step", "expected", "found", "difference", "note", "batches")
TITLE = "From outbox to core: what each step expects and what it found"


def reconcile(
    recent: Annotated[
        bool, typer.Option("--recent", help="Only what moved since the last look, and what was wrong.")
    ] = False,
    day: Annotated[
        dt.datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="Only batches staged on this day.")
    ] = None,
    agency: Annotated[str | None, typer.Option("--agency", help="Only this agency.")] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="Show only what does not balance.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Compare outbox, landing, books, released, core and vault by record; what was found is kept in `quality`.

    Steps: landed (outbox to landing), booked (landing to the books), released (books to what may be read), latest
    (released to the newest version of each record), core (what the models make of it), vault (identities). Everything,
    unless you choose. Exit code 4 when something does not balance.
    """
    from alerting.reconcile import run

    found = run.reconcile(load(), whole=not recent, day=day.date() if day else None, agency_code=agency)
    rows = [
        (
            line.day and line.day.isoformat(),
            line.agency_code,
            line.source,
            line.entity,
            line.step,
            line.expected,
            line.found,
            line.difference,
            line.note,
            ", ".join(str(batch) for batch in line.batches) or None,
        )
        for line in (found.imbalances if wrong else found.lines)
    ]
    extra = {"run": found.run_id, "scope": found.scope, "balanced": not found.imbalances}
    emit_tables([Table("lines", TITLE, COLUMNS, rows)], as_json, **extra)
    say(f"{found.batches:,} batches looked at; {len(found.imbalances)} of {len(found.lines)} lines do not balance")
    if found.imbalances:
        say("What each step means and what to do: docs/runbooks/imbalance.md")
        raise typer.Exit(IMBALANCE_EXIT_CODE)
