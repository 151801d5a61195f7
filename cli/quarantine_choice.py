"""Which rows a decision is about, said on the command line; what it would mean, asked before and told afterwards."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import emit_table, say
from pipeline.errors import BadInput
from pipeline.settings import Settings

if TYPE_CHECKING:
    from expectations.decisions.people import Actor
    from expectations.decisions.quarantine import Decided, Selection

Entries = Annotated[list[int] | None, typer.Argument(help="Entries, as ./flyover quarantine list shows them.")]
OfAgency = Annotated[str | None, typer.Option("--agency", help="Only this agency.")]
OfTable = Annotated[str | None, typer.Option("--table", help="Only this table, e.g. oneroster__orgs.")]
OfRule = Annotated[str | None, typer.Option("--rule", help="Only rows this rule keeps back.")]
OfBatch = Annotated[uuid.UUID | None, typer.Option("--batch", help="Only this batch.")]
OfDelivery = Annotated[uuid.UUID | None, typer.Option("--delivery", help="Only this delivery.")]
InStatus = Annotated[str, typer.Option("--status", help="open, mended, waived, returned, refused, closed or all.")]
WithinDays = Annotated[int | None, typer.Option("--days", min=1, help="Only rows kept back within so many days.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many rows it would be.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before deciding about many rows.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the decision.")]
By = Annotated[str, typer.Option("--by", help="Who decides.", envvar="USER")]
SHOWN_LEFT = 10


def selection(
    entries: list[int] | None = None,
    *,
    agency: str | None = None,
    table: str | None = None,
    rule: str | None = None,
    batch: uuid.UUID | None = None,
    delivery: uuid.UUID | None = None,
    status: str = "open",
    days: int | None = None,
) -> Selection:
    """The rows named by entry or by what they share."""
    from expectations.decisions.quarantine import Selection

    wanted = None if status == "all" else status
    return Selection(tuple(entries or ()), agency, table, rule, batch, delivery, wanted, days)


def decide(
    settings: Settings,
    wanted: Selection,
    actor: Actor,
    carry_out: Callable[[Selection], Decided],
    done: str,
    *,
    dry_run: bool,
    yes: bool,
) -> bool:
    """Say what is meant, ask where it is much, decide, and say what was left; whether anything was decided.

    :raises BadInput: when nothing was named, nobody can be asked, or nothing could be decided
    """
    if not confirmed(settings, wanted, actor, dry_run=dry_run, yes=yes):
        return False
    outcome = carry_out(wanted)
    tell(outcome, done)
    return bool(outcome.decided)


def confirmed(settings: Settings, wanted: Selection, actor: Actor, *, dry_run: bool, yes: bool) -> bool:
    """Whether to go on: at once about one entry, else when whoever is asked says so."""
    from expectations.decisions import quarantine as queue

    if not wanted.names_some:
        raise BadInput("no row is named", advice="Name entries, or --rule, --agency, --table, --batch or --delivery.")
    if len(wanted.entries) == 1 and not dry_run:
        return True
    parts = queue.breakdown(settings, wanted, actor=actor)
    rows = sum(part[-1] for part in parts)
    if parts:
        emit_table(f"{rows:,} rows are meant", ("agency", "table", "rules", "status", "rows"), parts, as_json=False)
    else:
        say("no row is meant")
    if dry_run or not rows:
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise BadInput(f"{rows:,} rows are meant and nobody can be asked", advice="Repeat it with --yes.")
    return typer.confirm(f"Decide about {rows:,} rows?", err=True)


def tell(outcome: Decided, done: str) -> None:
    """What was decided and what was left, the first of it by entry.

    :raises BadInput: when nothing could be decided
    """
    for entry, why in outcome.left[:SHOWN_LEFT]:
        say(f"left: entry {entry} {why}")
    if (more := len(outcome.left) - SHOWN_LEFT) > 0:
        say(f"left: {more:,} more")
    if not outcome.decided:
        raise BadInput("nothing was decided", advice="What was meant could not be, as told above.")
    say(f"{outcome.decided:,} {'row' if outcome.decided == 1 else 'rows'} {done}")
