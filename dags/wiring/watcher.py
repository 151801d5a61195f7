"""Wakes a DAG when a source's topics grow.

The watcher asks the broker where the topics end and tells the difference to its bookmark as one event. The bookmark
moves only after Airflow has stored that event, so a triggerer that is killed in between tells it again; the run it
causes then finds nothing to do. While an event is being stored no second one is made: what arrives meanwhile
travels in the next. A broker that is away is waited for; nothing here decides what lands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from airflow.triggers.shared_stream import AdvanceItem, AdvanceOutcome, SharedStreamProducer

from pipeline import names
from pipeline.errors import FlyoverError

if TYPE_CHECKING:
    from pipeline.kafka import Growth, Watcher
    from pipeline.settings import Settings

log = logging.getLogger(__name__)
Result = TypeVar("Result")
VAULT = "vault"
"""In the place of a source: the topic of sealed identities."""
POLL_S = 0.5
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
CLOSING_S = 5.0


class TopicWatcher(BaseEventTrigger):
    """Fires when the topics of ``source`` have grown; the payload holds the offset ranges.

    In the place of a source stands ``vault``, or the raw topic of an agency whose changes are captured.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments, from which the triggerer makes it again."""
        return f"{__name__}.{type(self).__name__}", {"source": self.source}

    def shared_stream_key(self) -> Hashable:
        """One stream a source: a paused DAG's topics are not watched, and keep their bookmark."""
        return ("flyover-topics", self.source)

    @classmethod
    def create_shared_stream_producer(cls, kwargs: dict[str, Any]) -> SharedStreamProducer:
        """The stream that Airflow acknowledges to once an event is stored."""
        return TopicStream(kwargs["source"])

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Any]) -> AsyncIterator[TriggerEvent]:
        """Every raw event is for us: the key has the source in it."""
        async for grown in shared_stream:
            yield TriggerEvent(grown)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Watch without Airflow's acknowledgements: the bookmark moves as soon as the event is taken."""
        stream = TopicStream(self.source)
        try:
            async for grown, growths in stream.open_stream():
                yield TriggerEvent(grown)
                await stream.advance([AdvanceItem(growths, AdvanceOutcome(acked=1, failed=0))])
        finally:
            await stream.aclose()


class TopicStream(SharedStreamProducer):
    """The broker's side of the watch; the client is used by one thread only, which is its own."""

    def __init__(self, source: str, open_watcher: Callable[[str], Watcher] | None = None) -> None:
        self._source = source
        self._open_watcher = open_watcher or watch
        self._watcher: Watcher | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"watch-{source}")
        self._settled = asyncio.Event()

    async def open_stream(self) -> AsyncIterator[tuple[Any, Any]]:
        """Yield what has grown, one event at a time, for ever."""
        while True:
            growths = await self._patiently(self._look)
            if growths:
                self._settled.clear()
                yield _payload(self._source, growths), growths
                await self._settled.wait()
            await asyncio.sleep(POLL_S)

    async def advance(self, batch: Sequence[AdvanceItem]) -> None:
        """Move the bookmark behind what Airflow has stored; what it has not is told again."""
        stored = [growth for item in batch if item.outcome.is_clean for growth in item.broker_payload]
        try:
            await self._in_thread(lambda: self._keep(stored))
        except FlyoverError as error:
            log.warning("%s: the bookmark stays behind (%s); a wake-up may come twice", self._source, error)
            await self._in_thread(self._close)
        finally:
            self._settled.set()

    async def aclose(self) -> None:
        """Let the broker go; a call that hangs is left to its own time-out."""
        try:
            await asyncio.wait_for(self._in_thread(self._close), CLOSING_S)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _patiently(self, work: Callable[[], Result]) -> Result:
        wait = FIRST_WAIT_S
        while True:
            try:
                return await self._in_thread(work)
            except FlyoverError as error:
                log.warning("watching %s: %s - trying again in %.0f s", self._source, error, wait)
                await self._in_thread(self._close)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _look(self) -> list[Growth]:
        if self._watcher is None:
            self._watcher = self._open_watcher(self._source)
        return self._watcher.grown()

    def _keep(self, growths: Sequence[Growth]) -> None:
        if growths and self._watcher is not None:
            self._watcher.keep(growths)

    def _close(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.close()


def watch(source: str) -> Watcher:
    """A watcher on the topics of a source, from this checkout's settings."""
    from pipeline.kafka import Watcher
    from pipeline.settings import load

    settings = load()
    return Watcher(settings, f"flyover-watch-{source}", topics_of(settings, source))


def topics_of(settings: Settings, source: str) -> list[str]:
    """Topics that carry a source's entities, the sealed identities, or an agency's raw changes."""
    from pipeline import contracts

    if names.is_raw(source):
        return [source]
    if source == VAULT:
        return [names.VAULT_TOPIC]
    return [contract.topic for contract in contracts.of_source(settings.contracts_dir, source)]


def _payload(source: str, growths: Sequence[Growth]) -> dict[str, Any]:
    return {"source": source, "grown": [[g.topic, g.partition, g.first, g.end] for g in growths]}
