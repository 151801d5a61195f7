"""./flyover retention: which months of landing hold what nobody needs any more, and dropping that."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import emit_json, emit_table, say
from connectors import months
from pipeline.settings import load


def retention(
    keep_months: Annotated[
        int | None,
        typer.Option("--months", min=1, help="Keep superseded versions so long where a contract does not say."),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Drop what may go. It cannot be had back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before dropping.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show what landing holds by month and what of it may go; with --apply, drop it.

    Everything is kept unless a contract says otherwise (customProperties: landing_months) or --months does. Only
    versions that later ones have superseded may go, and only when those are in core for so long.
    """
    settings = load()
    found = months.survey(settings, keep_months)
    going = [month for month in found if month.may_go]
    if apply and going:
        _say_what_is_lost(going)
        if not yes and not typer.confirm("Drop them?", err=True):
            raise typer.Exit(1)
        going = months.forget(settings, keep_months)
        say(f"{sum(month.may_go for month in going):,} rows dropped")
    rows = [
        (m.table, f"{m.month:%Y-%m}" if m.month else "no month", m.rows, m.may_go, m.batches, m.keep_months)
        for m in (going if apply else found)
    ]
    columns = ("table", "month", "rows", "dropped" if apply else "may go", "of batches", "months kept")
    if as_json:
        emit_json({"months": [dict(zip(columns, row, strict=True)) for row in rows], "lost": months.LOST})
        return
    emit_table("Dropped from landing" if apply else "Landing by month", columns, rows, as_json=False)
    if strays := sum(month.rows for month in found if month.month is None):
        say(f"{strays:,} rows came when their month was not made: the nightly task puts them into their months")
    if going and not apply:
        _say_what_is_lost(going)
        say("Drop them with ./flyover retention --apply, and the same --months")


def _say_what_is_lost(going: list[months.Month]) -> None:
    say(f"{sum(month.may_go for month in going):,} superseded rows may go. When they are gone:")
    for sentence in months.LOST:
        say(f"- {sentence}")
