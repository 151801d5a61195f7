"""./flyover batches: what arrived and what became of it; and the decisions about held batches."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

import typer

from cli import books
from cli.output import emit_table, emit_tables, say
from pipeline.settings import load

batches = typer.Typer(invoke_without_command=True)
BatchId = Annotated[uuid.UUID, typer.Argument(help="Batch id, as ./flyover batches shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
By = Annotated[str, typer.Option("--by", help="Who decides.", envvar="USER")]


@batches.callback()
def show(
    context: typer.Context,
    agency: Annotated[str | None, typer.Option("--agency", help="Only this agency.")] = None,
    status: Annotated[str | None, typer.Option("--status", help="landing, landed, held, released or refused.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the latest batches, to the row."""
    if context.invoked_subcommand is None:
        table = books.batches(load(), agency=agency, status=status, limit=limit)
        emit_table(table.title, table.columns, table.rows, as_json)


@batches.command("books")
def show_books(as_json: AsJson = False) -> None:
    """Show the books of every agency and entity, and what waits in quarantine by rule."""
    settings = load()
    emit_tables([books.books(settings), books.quarantine_by_rule(settings)], as_json)


@batches.command("show")
def show_evidence(batch: BatchId, as_json: AsJson = False, by: By = "engineer") -> None:
    """Show why a batch is held: what was observed against what was expected, its books, and earlier batches."""
    from cli import evidence
    from expectations.decisions import batches as decisions
    from expectations.decisions.people import Actor

    evidence.emit(decisions.evidence(load(), batch, actor=Actor(by)), as_json)


@batches.command("release")
def release_held(
    batch: BatchId,
    reason: Reason,
    waive_until: Annotated[
        dt.datetime | None,
        typer.Option(
            "--waive-until", formats=["%Y-%m-%d"], help="To the end of this day, what held it holds no batch again."
        ),
    ] = None,
    by: By = "engineer",
) -> None:
    """Release a held batch; with --waive-until the rules that held it wait until that day."""
    from expectations.decisions import batches as decisions
    from expectations.decisions.people import Actor

    if waive_until is None:
        decisions.release(load(), batch, reason=reason, actor=Actor(by))
    else:
        day = waive_until.date()
        rules = decisions.release_with_waiver(load(), batch, reason=reason, expires_on=day, actor=Actor(by))
        say(f"until {day} no batch of this table is held by {', '.join(rules)}; see ./flyover waivers")
    say(f"{batch} released; the warehouse takes it in at its next build")


@batches.command("refuse")
def refuse_held(batch: BatchId, reason: Reason, by: By = "engineer") -> None:
    """Refuse a held batch: none of its rows is used."""
    from expectations.decisions import batches as decisions
    from expectations.decisions.people import Actor

    decisions.refuse(load(), batch, reason=reason, actor=Actor(by))
    say(f"{batch} refused")


@batches.command("withdraw")
def withdraw_released(batch: BatchId, reason: Reason, by: By = "engineer") -> None:
    """Take a released batch back: its rows leave the warehouse with the next build."""
    from expectations.decisions import batches as decisions
    from expectations.decisions.people import Actor

    decisions.withdraw(load(), batch, reason=reason, actor=Actor(by))
    say(f"{batch} withdrawn; its rows leave the warehouse at its next build")


@batches.command("resend")
def resend_lost() -> None:
    """Send again what was published but has not landed, e.g. after the broker lost its data."""
    from connectors import producer

    settings = load()
    report = producer.resend(settings, producer.unlanded(settings))
    say(f"{report.rows:,} events of {len(report.batches)} batches sent again")
