"""Fault 2: the broker loses everything it had; the outbox sends again what had not landed, and nothing is double."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import drain, producer, pull, registry, sink, vault
from connectors.registry import Agency
from pipeline.db import connect
from pipeline.settings import Settings
from simulator import write_province
from tests import end_state
from tests.end_state import EndState
from tests.fragile import FragileStack

AGENCY = "sch-hangzhou"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A school delivery with planted defects of every kind."""
    root = tmp_path_factory.mktemp("province")
    write_province(root, learners=1_000, seed=2)
    (delivery,) = (root / AGENCY).iterdir()
    return delivery


@pytest.fixture(scope="module")
def control(fragile: FragileStack, origin: Path) -> EndState:
    settings = fragile.new_database()
    return end_state.undisturbed(settings, agency(settings), origin)


def agency(settings: Settings) -> Agency:
    return registry.load_all(settings.agencies_dir)[AGENCY]


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query).fetchall()


def some(transactions: int) -> Callable[[], bool]:
    """Tells a drain to stop after so many transactions."""
    answers = iter([False] * transactions)
    return lambda: next(answers, True)


def test_what_had_not_arrived_is_sent_again_and_nothing_is_double(
    fragile: FragileStack, origin: Path, control: EndState
) -> None:
    settings = fragile.new_database()
    pull.pull(settings, agency(settings), origin)
    producer.publish(settings)
    topics = sink.topics_of(settings, "oneroster")
    sink.drain(settings, [topic for topic in topics if "users" in topic])
    sink.drain(settings, topics, max_rows=100, stop=some(8))
    vault.drain_vault(settings, max_rows=100, stop=some(1))
    places = set(ask(settings, "select entity, status from quality.batch"))
    assert ("users", "landed") in places, "its rows are all there, its identities are not"
    assert any(status == "landing" for _, status in places)

    fragile.empty_kafka()
    assert sink.drain(settings, topics).rows == 0, "there is nothing left to land"
    lost = producer.unlanded(settings)
    assert producer.resend(settings, lost).batches == lost

    found = end_state.judged(settings, agency(settings))
    end_state.assert_same(found, control)
    assert ask(settings, "select count(*) from quality.batch where status <> 'released'") == [(0,)]
    assert ask(settings, "select sum(redelivered) > 0 from quality.batch") == [(True,)], "some rows came twice"
    assert ask(settings, _MOST_LIVES) == [(2,)], "a topic that was made again is another topic"
    assert producer.unlanded(settings) == []


_MOST_LIVES = "select max(n) from (select count(distinct topic_id) as n from landing.drain group by topic) as lives"


def test_a_broker_that_comes_back_empty_does_not_keep_a_drain_waiting(fragile: FragileStack, origin: Path) -> None:
    settings = fragile.new_database()
    pull.pull(settings, agency(settings), origin)
    producer.publish(settings)

    class Bereft(sink.LandingLander):
        def land(self, connection: Any, fetched: Any) -> Any:
            if not emptied:
                emptied.append(True)
                fragile.empty_kafka()
            return super().land(connection, fetched)

    emptied: list[bool] = []
    topics = sink.topics_of(settings, "oneroster")
    engine = drain.Engine(settings, sink.ROLE, ("landing", "drain"), topics, Bereft(settings), max_rows=100)
    landed = engine.run().rows
    assert emptied
    assert 0 < landed < sum(count for (count,) in ask(settings, "select expected_rows from connect.batch"))
    assert producer.unlanded(settings)
