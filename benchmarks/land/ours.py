"""Our own contenders: the limit, and one or two drains with either client."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks import server
from benchmarks.frame import Contender
from benchmarks.land import landed, race
from benchmarks.land.race import Field, Runner
from pipeline.settings import Settings

LIMIT = "limit: binary COPY from memory"
CLIENTS = ("kafka-python", "confluent-kafka")
LIMIT_ROWS = 1_000_000
"""The limit's rows lie in memory: a rate does not need more of them."""


def name(client: str, drains: int) -> str:
    """A contender's name."""
    return f"Flyover, {client}, {drains} drain{'s' * (drains > 1)}"


def clients() -> tuple[str, ...]:
    """Those that are installed here."""
    return tuple(
        client for client in CLIENTS if importlib.util.find_spec(client.replace("-", "_").removesuffix("_python"))
    )


def contenders(ours: server.Server, filled: Settings, reference: Settings, rows: int) -> list[Contender]:
    """The limit first. ``filled`` knows the manifests; ``reference`` has landed them."""
    limit = partial(_limit, ours, filled, reference, min(rows, LIMIT_ROWS))
    made = [Contender(LIMIT, race.run, limit, _ready, lambda place: landed.look(place.settings))]
    for client in clients():
        for drains in (1, 2):
            place = partial(_drains, ours, filled, client, drains)
            made.append(
                Contender(name(client, drains), race.run, place, _ready, lambda place: landed.books(place.settings))
            )
    return made


def environment(settings: Settings, client: str = CLIENTS[0]) -> dict[str, str]:
    """What a process of ours finds its servers by."""
    return {
        "FLYOVER_STATE": str(settings.state_dir),
        "FLYOVER_PG_DATABASE": settings.pg_database,
        "FLYOVER_KAFKA_CLIENT": client,
    }


def drain(settings: Settings, client: str, number: int = 0, of: int = 1) -> Runner:
    """One of several drains."""
    job = {"env": environment(settings, client), "number": number, "of": of}
    return Runner(Path(sys.executable), "benchmarks.land.one_drain", job)


def fill(settings: Settings, rows: int, short_rows: int) -> Runner:
    """Whoever fills the topics."""
    job = {"env": environment(settings), "rows": rows, "short_rows": short_rows}
    return Runner(Path(sys.executable), "benchmarks.land.fill", job)


@contextmanager
def _limit(ours: server.Server, filled: Settings, reference: Settings, rows: int) -> Iterator[Field]:
    with ours.copy(filled) as settings:
        job = {"env": environment(settings), "landed": environment(reference), "rows": rows}
        yield Field(settings, (Runner(Path(sys.executable), "benchmarks.land.limit", job),))


@contextmanager
def _drains(ours: server.Server, filled: Settings, client: str, of: int) -> Iterator[Field]:
    with ours.copy(filled) as settings:
        yield Field(settings, tuple(drain(settings, client, number, of) for number in range(of)))


def _ready() -> None:
    """The process that waits for the others does nothing of its own before."""
