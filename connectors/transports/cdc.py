"""Captured changes of an agency's database: from the restricted raw topic to rows of the contracts.

Kafka Connect writes what Debezium reads from the database's log into ``raw.<agency>.changes``, one partition, in the
order in which it happened. This reads on from its own cursor (topic id and offset; Kafka's commits play no part):

- changes are cut into slices of 10,000 rows or 10 s, as ``delta``;
- a snapshot is one slice however large, as ``bulk``: what it no longer has is deleted. It counts from its first word to
  its last; one that was broken off is begun again with the next first word;
- a TRUNCATE is a slice of its own, ``bulk`` with no row.

What Connect says again after a kill is staged again, and unchanged where nothing came between. Where changes are
missing (the raw topic's hours are over, the broker lost it, the database lost our place, a column was gone for a while)
everything is read afresh: intermediate states may be lost then, never a record's present one.
"""

from __future__ import annotations

import itertools
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from connectors.capture import database, feeds, readiness, tending
from connectors.capture.changes import Broken, Change, Notice, Truncated, Unknown
from connectors.capture.feeds import Feed
from connectors.capture.raw_topic import RawTopic, opened
from connectors.registry import Agency
from connectors.sources.base import TableMode
from connectors.staging import Progress
from connectors.transports import spool
from connectors.transports.base import SLICE_ROWS, SLICE_SECONDS, Slice
from pipeline.errors import BadInput
from pipeline.settings import Settings

log = logging.getLogger(__name__)
FIRST_PATIENCE_S = 60.0
"""For a topic, or a snapshot asked for, to appear."""
SNAPSHOT_PATIENCE_S = 60.0
"""For the next word of a snapshot that is under way."""


class Place(msgspec.Struct, frozen=True):
    """The cursor: where to read on, and what must be remembered of what was read."""

    topic_id: str = ""
    offset: int = 0
    types: dict[str, str] = {}


class Waiting:
    """A snapshot's next word has not come."""


class ChangeCapture:
    """Reads the raw topic of one agency."""

    def slices(
        self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
    ) -> Iterator[Slice]:
        """See :class:`connectors.transports.base.Transport`; reads up to where the topic ends at the start."""
        place = msgspec.json.decode(cursor, type=Place) if cursor else Place()
        feed = feeds.of(agency, settings.contracts_dir)
        tended = tending.tend(settings, feed, place.types)
        place = msgspec.structs.replace(place, types=dict(tended.types))
        with opened(settings, feed, 0.0 if tended.trouble else FIRST_PATIENCE_S) as topic:
            if topic is not None:
                yield from _Cutter(settings, feed, topic, place, room, progress).slices()
        if tended.trouble is not None:
            raise tended.trouble


@dataclass
class _Cutter:
    """Cuts what the topic holds into slices."""

    settings: Settings
    feed: Feed
    topic: RawTopic
    place: Place
    room: Path
    progress: Progress

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    def slices(self) -> Iterator[Slice]:
        """Slice after slice, until the topic holds nothing more."""
        if not self._find_start():
            return
        while (event := self.topic.peek()) is not None:
            if isinstance(event, Notice) and event.kind == "started":
                cut = self._snapshot()
                if cut is None:
                    return
                yield cut
            elif isinstance(event, Truncated):
                yield self._truncation(event)
            elif isinstance(event, Broken | Unknown):
                if not self._past_broken(event):
                    return
            elif (cut := self._changes()) is not None:
                yield cut

    def _find_start(self) -> bool:
        place, topic = self.place, self.topic
        if place.topic_id == str(topic.topic_id) and topic.first <= place.offset <= topic.end:
            topic.seek(place.offset)
            return True
        topic.seek(topic.first)
        if not place.topic_id and topic.first == 0:
            return True
        return self._afresh("changes were lost on the way: the raw topic no longer holds where the last pull ended")

    def _changes(self) -> Slice | None:
        began = time.monotonic()
        with self._spool("delta") as (folder, out):
            while out.rows < SLICE_ROWS and time.monotonic() - began < SLICE_SECONDS:
                event = self.topic.peek()
                if isinstance(event, Change):
                    self._write(out, event)
                elif not isinstance(event, Notice) or event.kind == "started":
                    break
                self.topic.take()
        if out.rows:
            return self._slice(folder)
        shutil.rmtree(folder)
        return None

    def _snapshot(self) -> Slice | None:
        """All tables as they are, whole; None when it is not whole yet, to be read again from its first word."""
        while True:
            self.topic.take()
            with self._spool("bulk") as (folder, out):
                for table in self.feed.tables:
                    out.announce(table.entity)
                ended = self._read_snapshot(out)
            if ended is None:
                return self._slice(folder)
            shutil.rmtree(folder)
            if isinstance(ended, Waiting) or not (isinstance(ended, Notice) or self._past_broken(ended)):
                return None

    def _read_snapshot(self, out: spool.Spool) -> Notice | Broken | Unknown | Waiting | None:
        """None when it was whole, else what stands in its way."""
        unread = {table.name for table in self.feed.tables}
        while True:
            event = self.topic.peek(SNAPSHOT_PATIENCE_S)
            match event:
                case None:
                    log.warning("%s: the snapshot is not whole yet; it is read with the next pull", self.feed.code)
                    return Waiting()
                case Notice(kind="started") | Broken() | Unknown():
                    return event
                case Notice(kind="completed"):
                    self.topic.take()
                    # A table the snapshot left out is not an empty one: nobody is deleted for it.
                    return Unknown() if unread else None
                case Notice(kind="scanned", scanned=str() as name):
                    unread = {table for table in unread if not f".{name}".endswith(f".{table}")}
                case Change():
                    self._write(out, event)
            self.topic.take()

    def _truncation(self, event: Truncated) -> Slice:
        self.topic.take()
        with self._spool("bulk") as (folder, out):
            out.announce(event.table.entity)
        return self._slice(folder)

    def _past_broken(self, event: Broken | Unknown) -> bool:
        """Go on behind what says too little, once the tables are as they should be: by reading them afresh.

        :raises BadInput: they are not yet
        """
        facts = database.inspect(self.settings, self.feed)
        self.place = msgspec.structs.replace(
            self.place, types=dict(readiness.check(self.feed, facts, self.place.types))
        )
        if isinstance(event, Unknown):
            return self._afresh("a message of the raw topic, or a snapshot, could not be used")
        if event.is_unsent and not readiness.says_whole_rows(facts, event.table):
            raise self._value_not_sent(event)
        return self._afresh(f"changes of {event.table.name} came without {', '.join(event.columns)}")

    def _afresh(self, reason: str) -> bool:
        """Seek the first word of a snapshot, and have one made when there is none; false when it does not come yet."""
        if self.topic.seek_snapshot(0.0):
            return True
        tending.renew(self.settings, self.feed, reason)
        return self.topic.seek_snapshot(FIRST_PATIENCE_S)

    def _write(self, out: spool.Spool, event: Change) -> None:
        for row in event.rows:
            out.row(event.table.entity, row)
        self.progress(out.rows)

    @contextmanager
    def _spool(self, mode: TableMode) -> Iterator[tuple[Path, spool.Spool]]:
        folder = self.room / f"slice-{next(self._numbers)}"
        with spool.writing(folder, self.feed.agency.source, mode) as out:
            yield folder, out

    def _slice(self, folder: Path) -> Slice:
        """What was written, and the place behind it."""
        place = msgspec.structs.replace(self.place, topic_id=str(self.topic.topic_id), offset=self.topic.position)
        return Slice(folder, msgspec.json.encode(place).decode())

    def _value_not_sent(self, event: Broken) -> BadInput:
        return BadInput(
            f"table {event.table.name}: a change did not repeat the large value of {', '.join(event.columns)}",
            agency=self.feed.code,
            source=self.feed.agency.source,
            advice=f"Its administrator runs: alter table {event.table.name} replica identity full",
            code="refused.capture_setup",
        )
