"""./flyover batches: what arrived and what became of it; and the decisions about held batches."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from cli import books
from cli.output import emit_table, emit_tables, say
from pipeline.settings import load

batches = typer.Typer(invoke_without_command=True)
BatchId = Annotated[uuid.UUID, typer.Argument(help="Batch id, as ./flyover batches shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")]
By = Annotated[str, typer.Option("--by", help="Who decides.", envvar="USER")]


@batches.callback()
def show(
    context: typer.Context,
    agency: Annotated[str | None, typer.Option("--agency", help="Only this agency.")] = None,
    status: Annotated[str | None, typer.Option("--status", help="landing, landed, held, released or refused.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show the latest batches, to the row."""
    if context.invoked_subcommand is None:
        table = books.batches(load(), agency=agency, status=status, limit=limit)
        emit_table(table.title, table.columns, table.rows, as_json)


@batches.command("books")
def show_books(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Show the books of every agency and entity, and what waits in quarantine by rule."""
    settings = load()
    emit_tables([books.books(settings), books.quarantine_by_rule(settings)], as_json)


@batches.command("release")
def release_held(batch: BatchId, reason: Reason, by: By = "engineer") -> None:
    """Release a held batch."""
    from expectations.decisions import batches as decisions
    from expectations.decisions.people import Actor

    decisions.release(load(), batch, reason=reason, actor=Actor(by))
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
