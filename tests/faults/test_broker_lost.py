"""Fault 3: the broker loses everything it had; the outbox sends again what had not landed, and nothing is double."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import producer, pull, registry, sink
from connectors.registry import Agency
from pipeline.db import connect
from pipeline.settings import Settings
from simulator import write_province
from tests import end_state
from tests.end_state import EndState
from tests.faults.conftest import Figures
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


def land_some(settings: Settings, transactions: int) -> None:
    """Land a few transactions' worth of events and stop."""
    answers = iter([False] * transactions)
    sink.drain(settings, sink.topics_of(settings, "oneroster"), max_rows=100, stop=lambda: next(answers, True))


@pytest.mark.slow
def test_what_had_not_landed_is_sent_again_and_nothing_is_double(
    fragile: FragileStack, origin: Path, control: EndState, figures: Callable[[str], Figures]
) -> None:
    seen = figures("3 broker loses everything")
    fragile.empty_kafka()
    settings = fragile.new_database()
    pull.pull(settings, agency(settings), origin)
    producer.publish(settings)
    land_some(settings, 8)
    before = ask(settings, "select status, count(*) from quality.batch group by 1")

    fragile.empty_kafka()
    assert sink.drain(settings, sink.topics_of(settings, "oneroster")).rows == 0, "there is nothing to land"
    lost = producer.unlanded(settings)
    assert lost, f"all had landed before the broker was emptied: {before}"
    report = producer.resend(settings, lost)
    assert report.batches == lost

    found = end_state.judged(settings, agency(settings))
    end_state.assert_same(found, control)
    assert producer.unlanded(settings) == []
    assert ask(settings, _MOST_LIVES) == [(2,)], "a topic that was made again is another topic"
    assert ask(settings, "select sum(redelivered) > 0 from quality.batch") == [(True,)]
    seen.events = ask(settings, "select sum(received)::bigint from quality.batch")[0][0]
    seen.kills, seen.rows = 2, sum(map(len, control.values()))


_MOST_LIVES = "select max(n) from (select count(distinct topic_id) as n from landing.drain group by topic) as lives"
