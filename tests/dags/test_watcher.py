"""The topic watcher under Airflow's own stream manager, over a broker that is made of a dictionary."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from typing import Any

import pytest
from airflow.triggers.shared_stream import AdvanceItem, AdvanceOutcome, SharedStreamManager, SharedStreamProducer

from dags.wiring import watcher
from dags.wiring.watcher import TopicStream, TopicWatcher
from pipeline.errors import SystemTrouble
from pipeline.kafka import Growth

TOPIC = "oneroster.orgs.v1"
TRIGGER_ID = 1


class Broker:
    """One partition, a kept bookmark, and a switch."""

    def __init__(self) -> None:
        self.end = self.kept = 0
        self.is_away = self.keeps_fail = False
        self.opened = self.closed = 0

    def open(self, source: str) -> FakeWatcher:
        if self.is_away:
            raise SystemTrouble("Kafka is away")
        self.opened += 1
        return FakeWatcher(self)


class FakeWatcher:
    """Stands for `pipeline.kafka.Watcher`."""

    def __init__(self, broker: Broker) -> None:
        self.broker, self.bookmark = broker, broker.kept

    def grown(self) -> list[Growth]:
        if self.broker.is_away:
            raise SystemTrouble("Kafka is away")
        end = self.broker.end
        return [Growth(TOPIC, 0, self.bookmark, end)] if end != self.bookmark else []

    def keep(self, growths: list[Growth]) -> None:
        self.bookmark = growths[-1].end
        if self.broker.is_away or self.broker.keeps_fail:
            raise SystemTrouble("Kafka is away")
        self.broker.kept = self.bookmark

    def close(self) -> None:
        self.broker.closed += 1


class Triggerer:
    """What Airflow's triggerer does with a watch; storing an event is up to the test."""

    def __init__(self) -> None:
        self.manager = SharedStreamManager(ack_timeout=30)
        self.trigger = TopicWatcher("oneroster")
        self.key = self.trigger.shared_stream_key()
        self.told: list[list[int]] = []
        self.unstored: list[int] = []
        self._numbers: Iterator[int] = count()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        stream = self.manager.subscribe(trigger_id=TRIGGER_ID, trigger=self.trigger, key=self.key)
        self._task = asyncio.create_task(self._run(self.trigger.filter_shared_stream(stream)))

    async def _run(self, events: AsyncIterator[Any]) -> None:
        async for event in events:
            seq = self.manager.bind_pending_event(trigger_id=TRIGGER_ID, key=self.key)
            assert seq is not None
            self.unstored.append(seq)
            self.told.append(event.payload["grown"])

    def store(self) -> None:
        """Confirm that what was told so far is in Airflow's database."""
        self.manager.confirm_persisted(self.unstored)
        self.unstored = []

    async def die(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await self.manager.stop_all()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()

    def produce(cls: type[TopicWatcher], kwargs: dict[str, Any]) -> SharedStreamProducer:
        return TopicStream(kwargs["source"], open_watcher=broker.open)  # type: ignore[arg-type]

    monkeypatch.setattr(TopicWatcher, "create_shared_stream_producer", classmethod(produce))
    monkeypatch.setattr(watcher, "POLL_S", 0.01)
    monkeypatch.setattr(watcher, "FIRST_WAIT_S", 0.01)
    return broker


def play(scene: Callable[[Triggerer], Awaitable[None]]) -> None:
    async def whole() -> None:
        triggerer = Triggerer()
        triggerer.start()
        try:
            await scene(triggerer)
        finally:
            await triggerer.die()

    asyncio.run(asyncio.wait_for(whole(), 20))


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


def test_bookmark_moves_only_after_the_event_is_stored(broker: Broker) -> None:
    async def scene(triggerer: Triggerer) -> None:
        broker.end = 5
        await until(lambda: triggerer.told == [[[TOPIC, 0, 0, 5]]])
        await asyncio.sleep(0.1)
        assert broker.kept == 0
        triggerer.store()
        await until(lambda: broker.kept == 5)

    play(scene)


def test_what_comes_while_an_event_is_stored_travels_in_the_next(broker: Broker) -> None:
    async def scene(triggerer: Triggerer) -> None:
        broker.end = 1
        await until(lambda: len(triggerer.told) == 1)
        for end in range(2, 500):
            broker.end = end
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        assert len(triggerer.told) == 1
        triggerer.store()
        await until(lambda: len(triggerer.told) == 2)
        triggerer.store()
        await until(lambda: broker.kept == 499)
        assert triggerer.told == [[[TOPIC, 0, 0, 1]], [[TOPIC, 0, 1, 499]]]

    play(scene)


def test_an_event_that_was_not_stored_is_told_again_to_the_next_triggerer(broker: Broker) -> None:
    async def dies_early(triggerer: Triggerer) -> None:
        broker.end = 3
        await until(lambda: len(triggerer.told) == 1)

    async def takes_over(triggerer: Triggerer) -> None:
        await until(lambda: triggerer.told == [[[TOPIC, 0, 0, 3]]])

    play(dies_early)
    assert broker.kept == 0
    play(takes_over)


def test_an_event_that_airflow_could_not_store_is_told_again(broker: Broker) -> None:
    async def scene() -> None:
        stream = TopicStream("oneroster", open_watcher=broker.open)  # type: ignore[arg-type]
        broker.end = 3
        events = stream.open_stream()
        _, growths = await anext(events)
        await stream.advance([AdvanceItem(growths, AdvanceOutcome(acked=0, failed=1))])
        assert broker.kept == 0
        again, _ = await anext(events)
        assert again["grown"] == [[TOPIC, 0, 0, 3]]
        await stream.aclose()

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_a_broker_that_goes_away_is_waited_for(broker: Broker) -> None:
    async def scene(triggerer: Triggerer) -> None:
        await until(lambda: broker.opened == 1)
        broker.is_away = True
        await until(lambda: broker.closed == 1)
        broker.end = 2
        await asyncio.sleep(0.1)
        assert triggerer.told == []
        broker.is_away = False
        await until(lambda: len(triggerer.told) == 1)
        triggerer.store()
        await until(lambda: broker.kept == 2)

    play(scene)


def test_a_bookmark_that_cannot_be_kept_is_a_second_wake_up_at_worst(broker: Broker) -> None:
    async def scene(triggerer: Triggerer) -> None:
        broker.keeps_fail, broker.end = True, 4
        await until(lambda: len(triggerer.told) == 1)
        triggerer.store()
        await until(lambda: len(triggerer.told) == 2)
        broker.keeps_fail = False
        triggerer.store()
        await until(lambda: broker.kept == 4)
        assert triggerer.told == [[[TOPIC, 0, 0, 4]]] * 2

    play(scene)


def test_watch_without_the_shared_stream_keeps_its_bookmark_too(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "watch", broker.open)
    broker.end = 6

    async def scene() -> None:
        events = TopicWatcher("oneroster").run()
        first = await anext(events)
        assert first.payload == {"source": "oneroster", "grown": [[TOPIC, 0, 0, 6]]}
        broker.end = 7
        assert (await anext(events)).payload["grown"] == [[TOPIC, 0, 6, 7]]
        assert broker.kept == 6

    asyncio.run(asyncio.wait_for(scene(), 20))


def test_trigger_is_made_again_from_what_airflow_stores() -> None:
    from airflow.sdk.module_loading import import_string

    path, arguments = TopicWatcher("oulad").serialize()
    again = import_string(path)(**arguments)
    assert again.shared_stream_key() == TopicWatcher("oulad").shared_stream_key()
    assert again.shared_stream_key() != TopicWatcher("oneroster").shared_stream_key()
