"""Fault 3: trouble with our own servers is waited out and never recorded as bad data.

One delivery goes from file to landing and vault; in each stage a server it needs goes away in the middle, without
goodbye, and comes back when the stage has said twice that it waits. Nothing is timed: servers go at a row, and come at
a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors import landing, producer, pull, registry, sink, staging, vault
from connectors.registry import Agency
from pipeline import kafka
from pipeline.db import connect
from pipeline.kafka import patience, reading
from pipeline.settings import Settings
from tests import people
from tests.fragile import FragileStack, Outage, outage

LEARNERS = 300


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery with nothing wrong in it, so that whatever is in quarantine was put there by the outage."""
    return people.school_bundle(tmp_path_factory.mktemp("school") / "bundle", people.make(LEARNERS))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka's client gives up after seconds, not after a minute, and fetches little at a time."""
    monkeypatch.setattr(patience, "BOOTSTRAP_MS", 2_000)
    monkeypatch.setattr(patience, "REQUEST_MS", 3_000)
    monkeypatch.setattr(patience, "DELIVERY_MS", 5_000)
    monkeypatch.setattr(reading, "FETCH_BYTES", 8_192)


@contextmanager
def at_call(number: int, owner: Any, name: str, lost: Outage) -> Iterator[None]:
    """Let the outage begin when a function is called for the given time, just before it does its work."""
    original: Callable[..., Any] = getattr(owner, name)
    calls = iter(range(1, number + 1))

    def watched(*args: Any, **options: Any) -> Any:
        if next(calls, None) == number:
            lost.strike()
        return original(*args, **options)

    setattr(owner, name, watched)
    try:
        yield
    finally:
        setattr(owner, name, original)


@contextmanager
def away(stack: FragileStack, server: str, number: int, owner: Any, name: str) -> Iterator[None]:
    """A server goes away at the given call; the stage in the block has to say so, and to end well all the same."""
    take = stack.stop_postgres if server == "PostgreSQL" else stack.kill_kafka
    with outage(take, stack.start) as lost, at_call(number, owner, name, lost):
        yield
    assert lost.struck, f"{name} was not called {number} times"
    assert len(lost.said) >= lost.patience
    assert all("nothing is lost" in sentence and "\n" not in sentence for sentence in lost.said)
    assert any(f"{server} at 127.0.0.1" in sentence for sentence in lost.said), lost.said


def agency(settings: Settings) -> Agency:
    return registry.load_all(settings.agencies_dir)["sch-lishui"]


def set_aside(settings: Settings) -> list[tuple[Any, ...]]:
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(
            "select 'entry', rule_ids::text from quarantine.entry "
            "union all select topic, error from quarantine.undecodable "
            "union all select 'vault', error from vault.undecodable"
        ).fetchall()


def test_no_outage_on_the_way_to_landing_is_recorded_as_bad_data(
    fragile: FragileStack, origin: Path, impatient: None
) -> None:
    settings = fragile.new_database()
    topics = sink.topics_of(settings, "oneroster")
    first = [topic for topic in topics if topic.split(".")[1] in ("academic-sessions", "classes", "demographics")]

    with away(fragile, "PostgreSQL", 3, staging.Staging, "batch"):
        pull.pull(settings, agency(settings), origin)
    with away(fragile, "PostgreSQL", LEARNERS, kafka.Publisher, "send"):
        producer.publish(settings)
    with connect(settings, producer.ROLE) as connection:
        connection.execute("update connect.batch set published_at = null where entity = 'roles'")
    with away(fragile, "Kafka", LEARNERS // 2, kafka.Publisher, "send"):
        producer.publish(settings)
    with away(fragile, "PostgreSQL", 4, landing, "copy_rows"):
        sink.drain(settings, first, max_rows=50)
    with away(fragile, "Kafka", 1, landing, "copy_rows"):
        sink.drain(settings, topics, max_rows=50)
    with away(fragile, "PostgreSQL", 2, vault, "_keep"):
        vault.drain_vault(settings, max_rows=50)
    assert set_aside(settings) == []
