"""The raw topic of one agency, read event by event by whoever keeps the place."""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.capture import changes
from connectors.capture.changes import Event
from connectors.capture.feeds import Feed
from pipeline import kafka
from pipeline.kafka import Position, Reader
from pipeline.settings import Settings

PARTITION = 0
FETCH_ROWS = 2_000
POLL_MS = 500
LOOK_S = 0.5


class RawTopic:
    """One walk through the topic; ``position`` is the offset of the next event."""

    def __init__(self, feed: Feed, reader: Reader, topic_id: uuid.UUID) -> None:
        self._feed, self._reader = feed, reader
        self._fetched: deque[tuple[int, bytes]] = deque()
        self._next: Event | None = None
        self.topic_id = topic_id
        self.first, self.end = reader.bounds()[feed.topic, PARTITION]
        self.position = self.first

    def seek(self, offset: int) -> None:
        """Go on elsewhere."""
        self._fetched.clear()
        self._next = None
        self._reader.seek(Position(self._feed.topic, PARTITION, offset))
        self.position = offset

    def peek(self, patience_s: float = 0.0) -> Event | None:
        """The next event, left where it is; None when the topic's end of the start is reached.

        With patience, events that come later count too, as long as the next one is not waited for longer than that.
        """
        if self._next is None and (message := self._message(patience_s)) is not None:
            self._next = changes.read(self._feed, message[1])
        return self._next

    def take(self) -> None:
        """Go behind the event that was seen."""
        offset, _ = self._fetched.popleft()
        self._next, self.position = None, offset + 1

    def _message(self, patience_s: float) -> tuple[int, bytes] | None:
        deadline = time.monotonic() + patience_s
        while not self._fetched:
            if self.position >= self.end and time.monotonic() >= deadline:
                return None
            for _, records in self._reader.poll(FETCH_ROWS, POLL_MS):
                self._fetched.extend((record.offset, record.value) for record in records if record.value is not None)
        if self._fetched[0][0] >= self.end and patience_s == 0.0:
            return None
        return self._fetched[0]


@contextmanager
def opened(settings: Settings, feed: Feed, patience_s: float) -> Iterator[RawTopic | None]:
    """The topic, for one walk; None when it has not appeared within the patience."""
    deadline = time.monotonic() + patience_s
    while (found := kafka.topics(settings, [feed.topic]).get(feed.topic)) is None:
        if time.monotonic() >= deadline:
            yield None
            return
        time.sleep(LOOK_S)
    with kafka.reader(settings, [Position(feed.topic, PARTITION, 0)]) as reader:
        yield RawTopic(feed, reader, found.topic_id)
