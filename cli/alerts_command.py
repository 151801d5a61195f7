"""./flyover alerts: what is wrong now, who cares for it, and whether messages arrive."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import emit_json, emit_table, say
from pipeline.errors import BadInput
from pipeline.settings import load

if TYPE_CHECKING:
    from alerting.state import Alert
    from pipeline.settings import Settings

alerts = typer.Typer(no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="Number of the alert, as ./flyover alerts list shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept with the alert.")]
By = Annotated[str, typer.Option("--by", help="Who.", envvar="USER")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Everything = Annotated[bool, typer.Option("--all", help="Those of the last 90 days that are resolved, too.")]
_COLUMNS = ("alert", "severity", "state", "kind", "agency", "entity", "since", "what", "what to type")


@alerts.command("list")
def list_alerts(everything: Everything = False, as_json: Json = False) -> None:
    """Show what is wrong, the most severe and oldest first, as the last watch found it."""
    from alerting import state

    found = state.listed(load(), everything=everything)
    if as_json:
        emit_json([{**asdict(alert), "state": alert.state} for alert in found])
    else:
        emit_table("Alerts", _COLUMNS, _rows(found), as_json=False)


@alerts.command("show")
def show(number: Number) -> None:
    """Show one alert with its cause in both languages, the command to type and its runbook, as JSON."""
    from alerting import state

    alert = state.show(load(), number)
    emit_json({**asdict(alert), "state": alert.state})


@alerts.command("ack")
def acknowledge(number: Number, reason: Reason, by: By = "engineer") -> None:
    """Say that you care for it: it stays in the list, and no reminder is sent."""
    from alerting import state

    alert = state.acknowledge(load(), number, reason=reason, by=by, now=dt.datetime.now(dt.UTC))
    say(f"alert {alert.alert_id} ({alert.kind}) is acknowledged; {alert.runbook} says how to end it")


@alerts.command("resolve")
def resolve(number: Number, reason: Reason, by: By = "engineer") -> None:
    """Close it by hand. Most end by themselves; it opens anew only after its condition had ended."""
    from alerting import state

    alert = state.resolve(load(), number, reason=reason, by=by, now=dt.datetime.now(dt.UTC))
    say(f"alert {alert.alert_id} ({alert.kind}) is resolved")


@alerts.command("watch")
def watch_now(as_json: Json = False) -> None:
    """Look now, as `watch__quality` does every few minutes: open, end, tell. Then show what is wrong."""
    from alerting import state, watch

    settings = load()
    done = watch.watch(settings)
    say(f"{done.opened} opened, {done.ended} ended; {done.sent} messages sent, {done.waiting} wait")
    if as_json:
        emit_json([{**asdict(alert), "state": alert.state} for alert in state.listed(settings)])
    else:
        emit_table("Alerts", _COLUMNS, _rows(state.listed(settings)), as_json=False)


@alerts.command("send")
def send_waiting() -> None:
    """Send what waits now, without waiting for its next try. Exit code 3 when something still waits."""
    from alerting import config, outgoing

    settings = load()
    done = outgoing.deliver(settings, config.load(settings), dt.datetime.now(dt.UTC), at_once=True)
    say(f"{done.sent} messages sent, {done.waiting} wait")
    if done.waiting:
        raise typer.Exit(3)


@alerts.command("test")
def try_channels(
    to: Annotated[str | None, typer.Option("--to", help="Only this group of alerting.yml.")] = None,
    as_json: Json = False,
) -> None:
    """Send a test message to every group over each of its channels. Exit code 3 when one did not go."""
    from alerting import config, outgoing

    settings = load()
    told_by = config.load(settings)
    if not told_by.recipients:
        raise BadInput(f"{settings.state_dir / config.FILE} names no one", advice="See docs/how-to/alerts.md.")
    outcomes = outgoing.try_out(settings, told_by, dt.datetime.now(dt.UTC), to)
    emit_table("Test messages", ("group", "channel", "outcome"), outcomes, as_json)
    if any(outcome != "sent" for _, _, outcome in outcomes):
        raise typer.Exit(3)


@alerts.command("secret")
def keep_secret(
    name: Annotated[str, typer.Argument(help="mail_password, or NAME_key of a webhook.")],
) -> None:
    """Keep a channel's secret, asked for twice or read from standard input; the next message uses it."""
    from alerting import config
    from connectors import credentials

    settings = load()
    told_by = config.load(settings)
    wanted = {config.MAIL_PASSWORD, *(webhook.secret for webhook in told_by.webhooks.values())}
    if name not in wanted:
        raise BadInput(f"no channel has a secret {name}", advice=f"There are: {', '.join(sorted(wanted))}.")
    if sys.stdin.isatty():
        value = str(typer.prompt(name, hide_input=True, confirmation_prompt=True, err=True))
    else:
        value = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not value:
        raise BadInput("the value is empty", advice="Type it, or give it on standard input.")
    credentials.put(settings, config.OURS, name, value)
    say(f"{name} is kept")


def standing(settings: Settings) -> int:
    """How many alerts are not resolved."""
    from pipeline.db import UndefinedTable, connect

    try:
        with connect(settings, "engineer") as connection:
            row = connection.execute("select count(*) from quality.alert where resolved_at is null").fetchone()
    except UndefinedTable:
        return 0  # a database from before there were alerts; ./flyover up brings it along
    return int(row[0]) if row else 0


def _rows(found: Sequence[Alert]) -> list[tuple[object, ...]]:
    return [
        (
            alert.alert_id,
            alert.severity,
            alert.state,
            alert.kind,
            alert.agency_code,
            f"{alert.source}.{alert.entity}" if alert.entity else alert.source,
            f"{alert.opened_at:%Y-%m-%d %H:%M}",
            alert.cause_en,
            alert.command,
        )
        for alert in found
    ]
