"""./flyover quarantine: what was kept back, row by row, and the decisions about it, one row or a hundred thousand."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Annotated

import typer

from cli import quarantine_mending
from cli.output import emit_json, emit_table, say
from cli.quarantine_choice import (
    By,
    DryRun,
    Entries,
    InStatus,
    OfAgency,
    OfBatch,
    OfDelivery,
    OfRule,
    OfTable,
    Reason,
    WithinDays,
    Yes,
    decide,
    selection,
)
from pipeline.errors import BadInput
from pipeline.settings import load

quarantine = typer.Typer(no_args_is_help=True)
EntryId = Annotated[int, typer.Argument(help="Entry, as ./flyover quarantine list shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
_COLUMNS = ("entry", "agency", "table", "row", "stage", "rules", "status", "since", "batch")


@quarantine.command("list")
def list_entries(
    agency: OfAgency = None,
    table: OfTable = None,
    rule: OfRule = None,
    batch: OfBatch = None,
    delivery: OfDelivery = None,
    status: InStatus = "open",
    days: WithinDays = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    after: Annotated[int | None, typer.Option("--after", help="Go on behind this entry.")] = None,
    by: By = "engineer",
    as_json: AsJson = False,
) -> None:
    """Show rows kept back, oldest first."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    wanted = selection(agency=agency, table=table, rule=rule, batch=batch, delivery=delivery, status=status, days=days)
    settings, actor = load(), Actor(by)
    found = queue.list_entries(settings, wanted, actor=actor, limit=limit, after=after)
    rows = [
        (e.quarantine_id, e.agency_code, e.entity_table, e.record_id, e.stage, ", ".join(e.rule_ids), e.status,
         f"{e.opened_at:%Y-%m-%d %H:%M}", str(e.batch_id))
        for e in found
    ]  # fmt: skip
    emit_table("Quarantine", _COLUMNS, rows, as_json)
    if len(found) == limit and not as_json:
        say(f"{queue.count(settings, wanted, actor=actor):,} rows in all; go on with --after {found[-1].quarantine_id}")


@quarantine.command("show")
def show_entry(entry: EntryId, by: By = "engineer") -> None:
    """Show one row with its content, its rules and its history, as a JSON document.

    That someone looked is kept in the audit trail.
    """
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    emit_json(dataclasses.asdict(queue.show(load(), entry, actor=Actor(by))))


quarantine.command("mend")(quarantine_mending.mend)


@quarantine.command("waive")
def waive_entries(
    reason: Reason,
    until: Annotated[dt.datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day of the waiver.")],
    entries: Entries = None,
    agency: OfAgency = None,
    table: OfTable = None,
    rule: OfRule = None,
    batch: OfBatch = None,
    delivery: OfDelivery = None,
    status: InStatus = "open",
    dry_run: DryRun = False,
    yes: Yes = False,
    by: By = "engineer",
) -> None:
    """Release rows as they are, until a day; then they are open again.

    With --rule only rows that this rule alone keeps back.
    """
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    settings, actor, day = load(), Actor(by), until.date()
    wanted = selection(entries, agency=agency, table=table, rule=rule, batch=batch, delivery=delivery, status=status)
    decide(
        settings,
        wanted,
        actor,
        lambda rows: queue.waive(settings, rows, reason=reason, expires_on=day, actor=actor),
        f"waived until {day}; the warehouse takes them in at its next build",
        dry_run=dry_run,
        yes=yes,
    )


@quarantine.command("return")
def return_entries(
    reason: Reason,
    entries: Entries = None,
    agency: OfAgency = None,
    table: OfTable = None,
    rule: OfRule = None,
    batch: OfBatch = None,
    delivery: OfDelivery = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    by: By = "engineer",
) -> None:
    """Give rows back to their agency, which is to send them again."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    settings, actor = load(), Actor(by)
    wanted = selection(entries, agency=agency, table=table, rule=rule, batch=batch, delivery=delivery)
    decide(
        settings,
        wanted,
        actor,
        lambda rows: queue.return_(settings, rows, reason=reason, actor=actor),
        "returned",
        dry_run=dry_run,
        yes=yes,
    )


@quarantine.command("refuse")
def refuse_entries(
    reason: Reason,
    entries: Entries = None,
    agency: OfAgency = None,
    table: OfTable = None,
    rule: OfRule = None,
    batch: OfBatch = None,
    delivery: OfDelivery = None,
    status: InStatus = "open",
    dry_run: DryRun = False,
    yes: Yes = False,
    by: By = "engineer",
) -> None:
    """Decide that rows are never used."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    settings, actor = load(), Actor(by)
    wanted = selection(entries, agency=agency, table=table, rule=rule, batch=batch, delivery=delivery, status=status)
    decide(
        settings,
        wanted,
        actor,
        lambda rows: queue.refuse(settings, rows, reason=reason, actor=actor),
        "refused",
        dry_run=dry_run,
        yes=yes,
    )


@quarantine.command("reopen")
def reopen_entries(
    reason: Reason,
    entries: Entries = None,
    status: Annotated[
        str, typer.Option("--status", help="mended, waived, returned or refused: what to take back of many rows.")
    ] = "all",
    agency: OfAgency = None,
    table: OfTable = None,
    rule: OfRule = None,
    batch: OfBatch = None,
    delivery: OfDelivery = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    by: By = "engineer",
) -> None:
    """Take a decision back: the rows are open again, as long as no replay carries them."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    if not entries and status == "all":
        raise BadInput("which decision is to be taken back?", advice="Give --status.")
    settings, actor = load(), Actor(by)
    wanted = selection(entries, agency=agency, table=table, rule=rule, batch=batch, delivery=delivery, status=status)
    decide(
        settings,
        wanted,
        actor,
        lambda rows: queue.reopen(settings, rows, reason=reason, actor=actor),
        "open again",
        dry_run=dry_run,
        yes=yes,
    )


quarantine.command("replay")(quarantine_mending.replay)
