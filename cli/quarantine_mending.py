"""./flyover quarantine mend and replay: rows are corrected and go through the same door again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cli import corrections
from cli.output import say, timed_progress
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
    Yes,
    confirmed,
    decide,
    selection,
    tell,
)
from pipeline.errors import BadInput
from pipeline.settings import load

_MENDED = "mended; send them with ./flyover quarantine replay"


def mend(
    reason: Reason,
    entries: Entries = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE by the agency's own field name; FIELD= empties it.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Table (CSV) with a column `entry` and columns of fields; or a JSON object."),
    ] = None,
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
    """Correct fields of rows; they travel with the next replay. The rows as they came are kept.

    One row or many by --set, or each in its own way by --file TABLE.csv, where an empty cell leaves a field as it is.
    """
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    settings, actor, progress = load(), Actor(by), _rows_so_far()
    if file is not None and file.suffix.lower() == ".csv":
        given = corrections.table(file)
        if values or entries or rule or agency or table or batch or delivery:
            raise BadInput("a table of corrections names its rows itself", file=file.name)
        wanted = selection([correction.entry for correction in given])
        if confirmed(settings, wanted, actor, dry_run=dry_run, yes=yes):
            outcome = queue.mend_rows(settings, given, reason=reason, actor=actor, progress=progress)
            tell(outcome, _MENDED)
        return
    fields = corrections.fields(values or [], file)
    wanted = selection(entries, agency=agency, table=table, rule=rule, batch=batch, delivery=delivery, status=status)
    decide(
        settings,
        wanted,
        actor,
        lambda rows: queue.mend_all(settings, rows, fields, reason=reason, actor=actor, progress=progress),
        _MENDED,
        dry_run=dry_run,
        yes=yes,
    )


def replay(
    reason: Reason,
    of_batch: Annotated[uuid.UUID | None, typer.Argument(metavar="[BATCH]", help="Only rows of this batch.")] = None,
    agency: OfAgency = None,
    table: OfTable = None,
    rule: OfRule = None,
    delivery: OfDelivery = None,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="With --rule: also send, as they are, rows that only this rule keeps back.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    by: By = "engineer",
) -> None:
    """Send mended rows through the same door again, each batch's as a delivery of its own. Safe to repeat."""
    from connectors import producer
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    if as_is and rule is None:
        raise BadInput("which rule was wrong?", advice="Give --rule with --as-is.")
    settings, actor, told = load(), Actor(by), timed_progress()
    status = "open" if as_is else "mended"
    wanted = selection(agency=agency, table=table, rule=rule, batch=of_batch, delivery=delivery, status=status)
    if not confirmed(settings, wanted, actor, dry_run=dry_run, yes=yes or of_batch is not None):
        return
    replays = queue.replay_all(
        settings,
        wanted,
        reason=reason,
        actor=actor,
        rule=rule if as_is else None,
        progress=lambda sent: told(f"{sent.rows:,} rows staged as batch {sent.batch_id}"),
    )
    for source in sorted({sent.delivery.source for sent in replays}):
        producer.publish(settings, source=source)
    if not replays:
        raise BadInput("nothing of it is mended", advice="Mend its rows first.")
    say(f"{sum(sent.rows for sent in replays):,} rows sent in {len(replays):,} batches")
    if overtaken := sum(sent.superseded for sent in replays):
        say(f"{overtaken:,} left out: the agency has meanwhile said something newer about them")


def _rows_so_far() -> Callable[[int], None]:
    progress = timed_progress()
    return lambda rows: progress(f"{rows:,} rows looked at")
