"""./flyover changes: agencies whose database's changes are captured."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.output import emit_table, say
from connectors import registry
from connectors.capture import connector, database, feeds, overview, script, tending, worker
from connectors.capture.feeds import Feed
from pipeline import kafka
from pipeline.db import connect
from pipeline.errors import BadInput, FlyoverError
from pipeline.settings import Settings, load
from stack.state import State

changes = typer.Typer(no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="Agency code (connectors/agencies/).")]


@changes.command("setup")
def setup(agency: Code) -> None:
    """Print the SQL by which an agency's administrator lets its changes out, and nothing more."""
    sys.stdout.write(script.setup(_feed(load(), agency)))


@changes.command("status")
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show each captured agency: its connector, how much of its log its database keeps for us, what to do.

    Exit code 3 when something is to be done.
    """
    from stack import control

    settings = load()
    found = [overview.of(settings, feed) for feed in control.watched_feeds(State.open(), say)]
    columns = ("agency", "well", "connector", "log kept for us", "what to do")
    emit_table("Captured changes", columns, [(*row[:4], row.advice or None) for row in found], as_json)
    if not all(row.is_well for row in found):
        raise typer.Exit(3)


@changes.command("renew")
def renew(agency: Code) -> None:
    """Read all tables of an agency afresh; what is no longer in them is deleted. The next pull takes it in."""
    settings = load()
    tending.renew(settings, _feed(settings, agency), "asked for by hand")
    say(f"{agency}: its tables are read afresh")


@changes.command("accept")
def accept(agency: Code) -> None:
    """Take an agency's tables as they are now, types of another kind included, and read them afresh."""
    settings = load()
    feed = _feed(settings, agency)
    with connect(settings, tending.ROLE) as connection:
        connection.execute(
            "update connect.cursor set cursor = (cursor::jsonb || '{\"shape\": {}}')::text "
            "where agency_code = %s and source = %s",
            (agency, feed.agency.source),
        )
    tending.renew(settings, feed, "another shape of its tables was accepted")
    say(f"{agency}: accepted; its tables are read afresh")


@changes.command("undo")
def undo(agency: Code) -> None:
    """Take connector and raw topic away, drop the replication slot, and print the SQL that removes the rest."""
    settings = load()
    feed = _feed(settings, agency)
    state = State.open()  # first of all: a pull that comes meanwhile must not make the connector again
    state.update_stack(captured=[code for code in state.stack().get("captured", ()) if code != agency])
    try:
        at = worker.of(settings)
        if at.config(agency) is not None:
            tending.stop(settings, feed)
            at.forget(agency)
            at.delete(agency)
        kafka.remove_topics(settings, connector.topics(feed))
    except FlyoverError as error:
        say(f"{agency}: {error}")
    what = "is dropped" if database.drop_slot(settings, feed) else "was not there"
    say(f"{agency}: the slot {feed.slot} {what}; {feed.address} keeps no log for us")
    if not feed.agency.paused:
        say(f"Set paused: true in connectors/agencies/{agency}.yml, or ./flyover up starts it again.")
    sys.stdout.write(script.undo(feed))


def _feed(settings: Settings, code: str) -> Feed:
    agencies = registry.load_all(settings.agencies_dir)
    if code not in agencies or agencies[code].transport != "cdc":
        captured = ", ".join(name for name, known in agencies.items() if known.transport == "cdc")
        raise BadInput(f"no agency {code} is captured", advice=f"Captured are: {captured or 'none'}")
    return feeds.of(agencies[code], settings.contracts_dir)
