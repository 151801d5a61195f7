"""./flyover sink: the landing of Airflow's tasks as a service, alone or as one of a group."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from typing import Annotated

import typer

from cli.output import emit_table, say
from connectors import group as groups
from connectors import registry, vault
from connectors import sink as landing
from pipeline.errors import BadInput
from pipeline.settings import Settings, load


def sink(
    source: Annotated[list[str] | None, typer.Option("--source", help="Only these sources; else all.")] = None,
    every_s: Annotated[float, typer.Option("--every", help="Seconds between looks at the topics.", min=0.1)] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Land what is there now, identities too, and end.")] = False,
    group: Annotated[str | None, typer.Option("--group", help="Share the partitions with all of this name.")] = None,
    lease_s: Annotated[
        float, typer.Option("--lease", help="Seconds after which a silent member's share is others'.", min=1.0)
    ] = groups.LEASE_S,
    members: Annotated[bool, typer.Option("--members", help="Show who is in a group now, and end.")] = False,
) -> None:
    """Land what the topics hold, again and again, until stopped (Ctrl-C or SIGTERM).

    Several with one --group, on one machine or many, share the partitions: start more of them, or stop some, at any
    time. Several without one are safe, too, but take each other's partitions away.
    """
    settings = load()
    if members:
        _show_members(settings)
        return
    if once and group:
        raise BadInput("--once lands everything there is and ends", advice="Leave --group out")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    names = source or registry.sources(settings.agencies_dir)

    def topics() -> Sequence[str]:
        return [topic for name in names for topic in landing.topics_of(settings, name)]

    if group:
        label = names[0] if len(names) == 1 else "all"
        groups.serve(settings, group, topics, stop=stop.is_set, every_s=every_s, lease_s=lease_s, label=label, told=say)
        return
    _alone(settings, topics(), stop, every_s, is_once=once)


def _alone(settings: Settings, topics: Sequence[str], stop: threading.Event, every_s: float, *, is_once: bool) -> None:
    while not stop.is_set():
        report = landing.drain(settings, topics, stop=stop.is_set)
        if report.rows:
            say(f"{report.rows:,} rows landed, {len(report.landed_batches)} whole batches")
        if is_once:
            say(f"{vault.drain_vault(settings).rows:,} identities kept")
            return
        stop.wait(every_s)


def _show_members(settings: Settings) -> None:
    emit_table(
        "Drains that share partitions",
        ("group", "host and process", "lease ends in s", "topics"),
        [(each.group, each.label, round(each.lease_left_s), each.topics) for each in groups.standing(settings)],
        as_json=False,
    )
