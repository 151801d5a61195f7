"""./flyover schedule: when each agency's next delivery is due, whose is late; and to change it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from cli.moments import clock, span
from cli.output import emit_table, say
from pipeline.settings import CHECKOUT, load

schedule = typer.Typer(no_args_is_help=True)


@schedule.command("show")
def show(
    late: Annotated[bool, typer.Option("--late", help="Only feeds that are late.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """List the next runs and the late feeds, in each agency's own time. Exit code 2 when a feed is late."""
    from connectors import calendar, registry

    settings = load()
    feeds = calendar.feeds(settings, registry.load_all(settings.agencies_dir), dt.datetime.now(dt.UTC))
    rows = [
        (
            feed.agency.agency_code,
            feed.agency.source,
            feed.agency.transport,
            feed.state,
            None if (late_by := feed.late_by or feed.came_late_by) is None else span(late_by),
            clock(feed.deadline),
            clock(feed.next_run),
            clock(feed.last_delivery),
            feed.agency.owner,
        )
        for feed in feeds
        if feed.late_by is not None or not late
    ]
    columns = ("agency", "source", "by", "state", "late by", "due until", "next run", "last heard of", "owner")
    emit_table("Feeds", columns, rows, as_json)
    if any(feed.late_by is not None for feed in feeds):
        raise typer.Exit(2)


@schedule.command("set")
def change(
    agency: Annotated[str, typer.Argument(help="Code of the agency.")],
    cron: Annotated[str, typer.Argument(help='Five cron fields in its own time ("40 5 * * *"); or: event.')],
    expected_by: Annotated[
        str | None, typer.Option("--expected-by", help="Local time (07:30) after which it is late.")
    ] = None,
) -> None:
    """Change when an agency is asked: the line of its yml that says so. Airflow reads it within a minute."""
    from connectors import calendar
    from connectors.scaffold import schedule as scaffold

    before, after = scaffold.reschedule(CHECKOUT, agency, cron, expected_by)
    was, runs = before.schedule or "by event", after.schedule or "by event"
    say(f"{agency}: was {was} until {before.expected_by}, is {runs} until {after.expected_by} ({after.time_zone})")
    following = calendar.place(after, dt.datetime.now(dt.UTC), None).next_run
    if following is not None:
        say(f"next run {clock(following)}")
    say(f"To take it back: git checkout connectors/agencies/{agency}.yml")
