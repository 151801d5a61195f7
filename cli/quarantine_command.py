"""./flyover quarantine: what was kept back, row by row, and the decisions about it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import emit_json, emit_table, say
from pipeline.errors import BadInput
from pipeline.settings import load

if TYPE_CHECKING:
    from expectations.decisions.quarantine import Decided

quarantine = typer.Typer(no_args_is_help=True)
EntryId = Annotated[int, typer.Argument(help="Entry, as ./flyover quarantine list shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")]
By = Annotated[str, typer.Option("--by", help="Who decides.", envvar="USER")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
_COLUMNS = ("entry", "agency", "table", "row", "stage", "rules", "status", "since", "batch")


@quarantine.command("list")
def list_entries(
    agency: Annotated[str | None, typer.Option("--agency", help="Only this agency.")] = None,
    table: Annotated[str | None, typer.Option("--table", help="Only this table, e.g. oneroster__orgs.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Only rows this rule keeps back.")] = None,
    batch: Annotated[uuid.UUID | None, typer.Option("--batch", help="Only this batch.")] = None,
    status: Annotated[
        str, typer.Option("--status", help="open, mended, waived, returned, refused, closed or all.")
    ] = "open",
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    by: By = "engineer",
    as_json: AsJson = False,
) -> None:
    """Show rows kept back, oldest first."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    wanted = queue.Selection(
        agency=agency, table=table, rule=rule, batch=batch, status=None if status == "all" else status
    )
    found = queue.list_entries(load(), wanted, actor=Actor(by), limit=limit)
    rows = [
        (e.quarantine_id, e.agency_code, e.entity_table, e.record_id, e.stage, ", ".join(e.rule_ids), e.status,
         f"{e.opened_at:%Y-%m-%d %H:%M}", str(e.batch_id))
        for e in found
    ]  # fmt: skip
    emit_table("Quarantine", _COLUMNS, rows, as_json)


@quarantine.command("show")
def show_entry(entry: EntryId, by: By = "engineer") -> None:
    """Show one row with its content, as a JSON document. That someone looked is kept in the audit trail."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    emit_json(dataclasses.asdict(queue.show(load(), entry, actor=Actor(by))))


@quarantine.command("mend")
def mend_entry(
    entry: EntryId,
    reason: Reason,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="FIELD=VALUE by the agency's own field name; FIELD= empties it.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="JSON object of fields instead.")] = None,
    by: By = "engineer",
) -> None:
    """Correct fields of a row; it travels with the next replay of its batch."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    queue.mend(load(), entry, _payload(values or [], file), reason=reason, actor=Actor(by))
    say(f"entry {entry} mended; send it with ./flyover quarantine replay BATCH")


@quarantine.command("waive")
def waive_entry(
    entry: EntryId,
    reason: Reason,
    until: Annotated[dt.datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day of the waiver.")],
    by: By = "engineer",
) -> None:
    """Release a row as it is, until a day; then it is open again."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    _done(
        queue.waive(load(), queue.Selection(entries=(entry,)), reason=reason, expires_on=until.date(), actor=Actor(by))
    )
    say(f"entry {entry} waived until {until:%Y-%m-%d}; the warehouse takes it in at its next build")


@quarantine.command("return")
def return_entry(entry: EntryId, reason: Reason, by: By = "engineer") -> None:
    """Give a row back to its agency, which is to send it again."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    _done(queue.return_(load(), queue.Selection(entries=(entry,)), reason=reason, actor=Actor(by)))
    say(f"entry {entry} returned")


@quarantine.command("refuse")
def refuse_entry(entry: EntryId, reason: Reason, by: By = "engineer") -> None:
    """Decide that a row is never used."""
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    _done(queue.refuse(load(), queue.Selection(entries=(entry,)), reason=reason, actor=Actor(by)))
    say(f"entry {entry} refused")


@quarantine.command("replay")
def replay_batch(
    batch: Annotated[uuid.UUID, typer.Argument(help="Batch whose mended rows go again.")],
    reason: Reason,
    rule: Annotated[
        str | None, typer.Option("--rule", help="Send as they are the rows that only this rule keeps back.")
    ] = None,
    by: By = "engineer",
) -> None:
    """Send the mended rows of a batch through the same door again, as a delivery of their own."""
    from connectors import producer
    from expectations.decisions import quarantine as queue
    from expectations.decisions.people import Actor

    settings = load()
    staged = queue.replay(settings, batch, reason=reason, actor=Actor(by), rule=rule)
    producer.publish(settings, source=staged.delivery.source)
    say(f"{staged.rows} rows sent as batch {staged.batch_id}" if staged.rows else "nothing to send")
    if staged.superseded:
        say(f"{staged.superseded} left out: the agency has meanwhile said something newer about them")


def _done(outcome: Decided) -> None:
    for entry, why in outcome.left:
        raise BadInput(f"entry {entry} {why}")


def _payload(values: list[str], file: Path | None) -> dict[str, str | None]:
    fields: dict[str, str | None] = {}
    if file is not None:
        try:
            given = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadInput("is not a JSON object that can be read", file=str(file)) from error
        if not isinstance(given, dict):
            raise BadInput("is not a JSON object", file=str(file))
        fields.update({str(name): None if value is None else str(value) for name, value in given.items()})
    for pair in values:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"{pair!r} is not FIELD=VALUE")
        fields[name] = value or None
    if not fields:
        raise BadInput("nothing to correct was given", advice="Use --set FIELD=VALUE or --file.")
    return fields
