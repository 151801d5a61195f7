"""./flyover sink: the landing of Airflow's tasks as a service, for scale and for rebalance tests."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from cli.output import say
from connectors import registry, vault
from connectors import sink as landing
from pipeline.settings import load


def sink(
    source: Annotated[list[str] | None, typer.Option("--source", help="Only these sources; else all.")] = None,
    every_s: Annotated[float, typer.Option("--every", help="Seconds between looks at the topics.", min=0.1)] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Land what is there now, identities too, and end.")] = False,
) -> None:
    """Land what the topics hold, again and again, until stopped (Ctrl-C or SIGTERM). Several may run side by side."""
    settings, stop = load(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    names = source or registry.sources(settings.agencies_dir)
    topics = [topic for name in names for topic in landing.topics_of(settings, name)]
    while not stop.is_set():
        report = landing.drain(settings, topics, stop=stop.is_set)
        if report.rows:
            say(f"{report.rows:,} rows landed, {len(report.landed_batches)} whole batches")
        if once:
            say(f"{vault.drain_vault(settings).rows:,} identities kept")
            return
        stop.wait(every_s)
