"""Three brokers, one killed under load, then another: deliveries go on being sent and landed, and every row once."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient

from connectors import group, producer, pull, registry, sink
from pipeline import backlog, kafka
from pipeline.db import connect
from pipeline.settings import Settings
from simulator import write_province
from stack import control
from stack.kafka import cluster
from stack.processes import wait_gone
from stack.state import State
from stack.supervisor import Supervisor
from tests import end_state
from tests.fragile import FragileStack

AGENCIES = ("sch-hangzhou", "sch-lishui")
BUSIEST = "oneroster.enrollments.v1"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FragileStack]:
    state = State.open(tmp_path_factory.mktemp("three") / "state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cluster.SETTING, "3")
        yield FragileStack(state)
    control.erase(lambda _message: None, state=state)


@pytest.fixture
def draining() -> Iterator[Callable[[Settings], None]]:
    """Starts a drain that runs as a service does, until the test ends."""
    stop, threads = threading.Event(), []

    def start(settings: Settings) -> None:
        topics = sink.topics_of(settings, "oneroster")
        options = {"stop": stop.is_set, "every_s": 0.2, "max_rows": 500, "told": tell}
        threads.append(threading.Thread(target=group.serve, args=(settings, "g", lambda: topics), kwargs=options))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join()


def tell(message: str) -> None:
    sys.stdout.write(f"{message}\n")


def partitions(settings: Settings) -> list[dict[str, Any]]:
    client = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        return list(client.describe_topics([BUSIEST])[0]["partitions"])
    finally:
        client.close()


def kill_leader(stack: FragileStack, settings: Settings) -> str:
    """SIGKILL the broker that leads a partition of the busiest topic; its name."""
    name = cluster.nodes(stack.state)[partitions(settings)[0]["leader_id"] - 1].name
    record = Supervisor(stack.state).running(name)
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    assert not wait_gone({record.pid: record.start_ticks}, 30)
    return name


def publish_and_strike(settings: Settings, patch: pytest.MonkeyPatch, strike: Callable[[], object]) -> float:
    """Publish what is staged; the blow falls after a third of it was handed over. Seconds it took from then on."""
    send, sent, struck, blow_at = kafka.Publisher.send, itertools.count(), [], _staged(settings) // 3

    def counting(self: kafka.Publisher, *args: Any, **kwargs: Any) -> None:
        if next(sent) == blow_at:
            struck.append(time.monotonic())
            strike()
        send(self, *args, **kwargs)

    with patch.context() as patched:
        patched.setattr(kafka.Publisher, "send", counting)
        producer.publish(settings)
    assert struck, "all was sent before the blow"
    return time.monotonic() - struck[0]


def _staged(settings: Settings) -> int:
    with connect(settings, "engineer") as connection:
        ((staged,),) = connection.execute(
            "select sum(expected_rows) from connect.batch where published_at is null"
        ).fetchall()
    return int(staged)


def await_landed(settings: Settings, seconds: float = 90.0) -> None:
    topics, deadline = sink.topics_of(settings, "oneroster"), time.monotonic() + seconds
    while backlog.to_land(settings, topics):
        assert time.monotonic() < deadline, "the drain does not go on"
        time.sleep(0.2)


def await_replicas(settings: Settings, seconds: float = 60.0) -> None:
    """Wait until every copy is whole again."""
    deadline = time.monotonic() + seconds
    while any(len(partition["isr_nodes"]) < 3 for partition in partitions(settings)):
        assert time.monotonic() < deadline, partitions(settings)
        time.sleep(0.2)


@pytest.mark.slow
def test_one_broker_after_another_is_killed_under_load_and_nothing_is_lost_or_double(
    three: FragileStack,
    tmp_path: Path,
    draining: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second blow falls on messages whose third copy was made anew after the first."""
    write_province(tmp_path, learners=3_000, seed=2)
    undisturbed = three.new_database()
    agencies = [registry.load_all(undisturbed.agencies_dir)[code] for code in AGENCIES]
    origins = [next((tmp_path / code).iterdir()) for code in AGENCIES]
    for agency, origin in zip(agencies, origins, strict=True):
        wanted = end_state.undisturbed(undisturbed, agency, origin)
    settings = three.new_database()
    kafka.ensure_topics(settings, sink.topics_of(settings, "oneroster"))
    draining(settings)

    for agency, origin in zip(agencies, origins, strict=True):
        await_replicas(settings)
        pull.pull(settings, agency, origin)
        lost: list[str] = []
        took = publish_and_strike(settings, monkeypatch, lambda lost=lost: lost.append(kill_leader(three, settings)))
        await_landed(settings)
        states = {service.name: service.state for service in control.status(three.state)}
        assert [node.name for node in cluster.nodes(three.state) if states[node.name] == "died"] == lost
        tell(f"{lost[0]} killed: the rest of {agency.agency_code} was confirmed {took:.1f} s later")
        three.start()

    end_state.assert_same(end_state.judged(settings, agencies[0]), wanted)
