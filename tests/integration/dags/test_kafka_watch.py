"""The watcher's bookmark on a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from kafka.admin import KafkaAdminClient

from pipeline import kafka
from pipeline.errors import SystemTrouble
from pipeline.kafka_watch import Growth, Watcher
from pipeline.settings import Settings
from tests import wire

GROUP = "flyover-watch-test"
TOPIC = "oneroster.orgs.v1"
NEVER_MADE = "oneroster.nowhere.v1"


@pytest.fixture
def watcher(settings: Settings) -> Iterator[Watcher]:
    with closing(open_watcher(settings)) as watcher:
        yield watcher


def open_watcher(settings: Settings) -> Watcher:
    return Watcher(settings, GROUP, [TOPIC, NEVER_MADE])


def messages(growths: list[Growth]) -> int:
    return sum(growth.end - growth.first for growth in growths)


def look(watcher: Watcher) -> list[Growth]:
    """A young broker makes the place for bookmarks when it is first asked, and says so until it is there."""
    for _ in range(60):
        with suppress(SystemTrouble):
            return watcher.grown()
    return watcher.grown()


def test_watcher_goes_on_from_what_was_kept(settings: Settings, watcher: Watcher) -> None:
    assert watcher.grown() == [], "topics that are not there are no error"
    batch = wire.open_batch(settings, 30)
    wire.send(settings, batch, [wire.org(n) for n in range(10)])
    first = look(watcher)
    assert messages(first) == 10
    assert watcher.grown() == first, "told again until it is kept"

    wire.send(settings, batch, [wire.org(n) for n in range(10, 15)], first_seq=10)
    watcher.keep(first)
    assert messages(watcher.grown()) == 5
    with closing(open_watcher(settings)) as heir:
        assert messages(heir.grown()) == 5, "the next watcher knows what was kept"
        heir.keep(heir.grown())
        assert heir.grown() == []
    assert NEVER_MADE not in kafka.topics(settings, [NEVER_MADE]), "watching makes no topic"


def test_watcher_tells_all_of_a_topic_that_was_made_again(settings: Settings, watcher: Watcher) -> None:
    batch = wire.open_batch(settings, 9)
    wire.send(settings, batch, [wire.org(n) for n in range(3)])
    watcher.keep(look(watcher))
    with closing(KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)) as client:
        client.delete_topics([TOPIC])
        while TOPIC in client.list_topics():
            pass
    assert watcher.grown() == []
    wire.send(settings, batch, [wire.org(n) for n in range(3)])
    assert messages(look(watcher)) == 3
