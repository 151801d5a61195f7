"""./flyover backfill: read an agency's kept originals again, or first see what that would change."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from cli.output import emit_table, say, timed_progress
from connectors import registry
from pipeline.errors import BadInput
from pipeline.settings import load

_DAY = ["%Y-%m-%d"]


def backfill(
    agency: Annotated[str, typer.Argument(help="Code of the agency.")],
    since: Annotated[
        dt.datetime | None, typer.Option("--from", formats=_DAY, help="First day, in the agency's time.")
    ] = None,
    until: Annotated[dt.datetime | None, typer.Option("--to", formats=_DAY, help="Last day.")] = None,
    ask_again: Annotated[
        bool, typer.Option("--ask-again", help="Instead: have its live system asked from the beginning.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Read the originals of a period again; what reads otherwise than before goes the way of new data.

    For when a reader, a contract or a synonym was wrong. Nothing older overrules what was said later, and what reads as
    before is not sent. `./flyover batches withdraw` takes a batch of it back. With --ask-again a live system is asked
    from its beginning at its next pull, for when it has changed its past without a word.
    """
    from connectors import backfill as again
    from connectors import producer

    settings = load()
    known = registry.load_all(settings.agencies_dir).get(agency)
    if known is None:
        raise BadInput(f"no agency {agency}", advice="./flyover schedule show lists them.")
    if ask_again:
        again.ask_again(settings, known)
        say(f"{agency} is asked from its beginning at its next pull; what it says as before is not sent")
        return
    if since is None or until is None:
        raise BadInput("which days?", agency=agency, advice="Give --from and --to, or --ask-again for a live system.")
    if since > until:
        raise BadInput("--from is later than --to", agency=agency, advice="Turn them round.")
    progress = timed_progress()
    wanted = again.originals(settings, known, since.date(), until.date())
    work = again.foretell if dry_run else again.run
    changes = work(settings, known, wanted, progress)
    rows = [
        (
            change.original.staged_at.strftime("%Y-%m-%d %H:%M"),
            change.original.origin,
            change.entity,
            change.new,
            change.changed,
            change.deleted,
            change.rejected,
            "so that nothing older overrules it" if change.original.after_period else None,
        )
        for change in changes
    ]
    title = f"{agency}: what {len(wanted)} deliveries {'would change' if dry_run else 'changed'}"
    columns = ("delivered", "file", "entity", "new", "changed", "deleted", "unreadable", "why")
    if rows or as_json:
        emit_table(title, columns, rows, as_json)
    total = sum(change.total for change in changes)
    if dry_run:
        say(f"{total:,} events would be published; nothing was kept. Without --dry-run they are.")
        return
    report = producer.publish(settings, source=known.source)
    say(f"{report.rows:,} events published; the DAGs carry them on" if report.rows else "nothing reads otherwise now")
