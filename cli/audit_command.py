"""./flyover audit: who did what, and whether the trail is as it was written."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from cli.output import emit_json, emit_table, say
from pipeline import audit as trail
from pipeline.db import connect
from pipeline.settings import load

audit = typer.Typer(no_args_is_help=True)
ROLE = "engineer"
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Part = typer.Option
_COLUMNS = ("link", "at (UTC)", "who", "what", "about")


@audit.command("show")
def show(
    actor: Annotated[str | None, Part("--actor", help="Part of who did it.")] = None,
    action: Annotated[str | None, Part("--action", help="Part of what was done: learner, batch, quarantine …")] = None,
    about: Annotated[str | None, Part("--about", help="Part of what it was done to.")] = None,
    since: Annotated[dt.datetime | None, Part("--since", help="From this day on (UTC).")] = None,
    until: Annotated[dt.datetime | None, Part("--until", help="Up to this day (UTC).")] = None,
    limit: Annotated[int, Part("--limit", min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show who did what and when, the newest first. What people typed as a reason stays in the database."""
    wanted = trail.Filter(actor, action, about, _utc(since), _utc(until))
    with connect(load(), ROLE) as connection:
        found = trail.entries(connection, wanted, limit)
    rows = [(e.link_no, f"{e.at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}", e.actor, e.action, e.object) for e in found]
    emit_table("Audit trail", _COLUMNS, rows, as_json)


@audit.command("verify")
def verify(
    expect: Annotated[
        str | None, Part("--expect", help="NUMBER:HASH as it was printed before and kept elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the chain of hashes and name the first entry that was changed, removed or slipped in; exit code 1 then.

    Keep the last line elsewhere, on paper or on another machine: with --expect it finds, too, that the end was cut off
    or the whole chain made anew.
    """
    with connect(load(), ROLE) as connection:
        found = trail.verify(connection, expect)
    if as_json:
        emit_json({"links": found.links, "head": found.head})
        return
    say(f"{found.links} entries, each as it was written" + ("; the hash that was kept is among them" if expect else ""))
    typer.echo(found.head)


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment
