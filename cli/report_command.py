"""./flyover report: the quality report, an agency's part of it to send, the monthly scorecard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import emit_json, emit_table, say
from pipeline.errors import BadInput
from pipeline.settings import load

report = typer.Typer(invoke_without_command=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@report.callback()
def write(
    context: typer.Context,
    agency: Annotated[str | None, typer.Option("--agency", help="Only this agency's pages, to send to it.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for an agency's pages: empty, or its own.")] = None,
    keys: Annotated[bool, typer.Option("--keys", help="Row keys on an agency's pages, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the quality report anew where it has changed, and say where it is.

    With --agency and --out: the pages of one agency and nothing of others, without row keys unless --keys asks for
    them; the folder may be sent as it is, and opens without a network.
    """
    if context.invoked_subcommand is not None:
        return
    from expectations.reports import report as reports

    settings = load()
    if agency is None and out is None:
        page = reports.write(settings)
    elif agency is None or out is None:
        raise BadInput("an agency's pages need both --agency and --out")
    else:
        page = reports.write_for_agency(settings, agency, out.expanduser().resolve(), keys=keys)
    if as_json:
        emit_json({"page": page.as_uri()})
    else:
        say(f"written: {page.as_uri()}")


@report.command("scorecard")
def scorecard(
    agency: Annotated[str, typer.Option("--agency", help="Code of the agency.")],
    month: Annotated[str, typer.Option("--month", help="Month, as 2026-11.")],
    out: Annotated[Path | None, typer.Option("--out", help="File for the page, to print or send by itself.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show an agency's month as quality.scorecard and its neighbours have it; with --out as a page of one A4 sheet."""
    from expectations.reports import report as reports
    from expectations.reports.facts import PARTS

    card = reports.write_scorecard(load(), agency, month, out and out.expanduser().resolve())
    rows: list[tuple[str, object]] = [("score", card.whole.score)]
    rows += [(score.dimension, score.score) for score in card.scores]
    rows += [(name, getattr(card.books, name)) for name in ("received", *PARTS)]
    rows += [
        (name, getattr(card, name))
        for name in (
            "deliveries", "batches", "due", "on_time", "late", "missing", "mended", "median_hours_to_mend", "waiting",
            "held_batches", "held_released", "held_refused", "held_waiting",
        )
    ]  # fmt: skip
    rows += [(problem.rule_id, problem.failed) for problem in card.problems]
    emit_table(f"{agency} {month}", ("what", "value"), rows, as_json)
    if out is not None:
        say(f"written: {out.expanduser().resolve().as_uri()}")
