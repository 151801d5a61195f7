"""./flyover sizing: what so many records a day, or so many people, take."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmarks.sizing import arithmetic, page
from cli.output import emit_table, say


def sizing(
    records_a_day: Annotated[
        int | None, typer.Option("--records-per-day", min=1, help="New and corrected records of a day.")
    ] = None,
    records: Annotated[
        int | None, typer.Option("--records", min=1, help="All records there are; else a hundred days of them.")
    ] = None,
    people: Annotated[int | None, typer.Option("--people", min=1, help="Instead: so many inhabitants.")] = None,
    write_page: Annotated[bool, typer.Option("--page", help="Write docs/reference/sizing.md anew.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Say how many brokers, partitions, drains, workers, cores and gigabytes a load takes.

    Without a load the usual ones are shown. The figures it reckons with, and which of them are measured, stand in
    benchmarks/sizing/rates.yaml.
    """
    rates = arithmetic.read()
    if write_page:
        page.write(rates)
        say(f"{page.PAGE} written")
        return
    loads = []
    if records_a_day:
        loads.append(arithmetic.of_day("yours", records_a_day, records))
    if people:
        loads.append(arithmetic.of_people(rates, f"{people:,} people", people))
    rows = [page.cells(arithmetic.needs(rates, load)) for load in loads or page.usual_loads(rates)]
    emit_table("What it takes", page.COLUMNS, rows, as_json)
