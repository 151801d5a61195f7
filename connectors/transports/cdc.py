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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from connectors.capture import database, feeds, readiness, tending
from connectors.capture.changes import Broken, Change, Notice, Truncated, Unknown
from connectors.capture.feeds import Feed
from connectors.capture.raw_topic import RawTopic, opened
from connectors.capture.readiness import Shape
from connectors.registry import Agency
from connectors.sources.base import Row, TableMode
from connectors.staging import Progress
from connectors.transports import spool
from connectors.transports.base import SLICE_ROWS, SLICE_SECONDS, Slice
from pipeline.errors import BadInput
from pipeline.settings import Settings

log = logging.getLogger(__name__)
Interpreter = Callable[[int, dict[str, str | None], str | None, str | None], Row]
"""Makes a row of its line, its values by property, its status and its time of change."""
FIRST_PATIENCE_S = 60.0
"""For a topic, or a snapshot asked for, to appear."""
SNAPSHOT_PATIENCE_S = 60.0
"""For the next word of a snapshot that is under way."""


class Place(msgspec.Struct, frozen=True):
    """The cursor: where to read on, and what must be remembered of what was read."""

    topic_id: str = ""
    offset: int = 0
    shape: dict[str, str] = {}


class Waiting:
    """There is nothing to stage yet."""


class ChangeCapture:
    """Reads the raw topic of one agency."""

    def __init__(self, interpreter: Callable[[Agency], Interpreter] | None = None, status: str | None = None) -> None:
        """``interpreter`` knows what a source's values mean; ``status``: the source's word that may take a record back.

        Without it a row is what the contract says.
        """
        self._interpreter, self._status = interpreter, status

    def slices(
        self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
    ) -> Iterator[Slice]:
        """See :class:`connectors.transports.base.Transport`; reads up to where the topic ends at the start.

        An agency that is paused, or whose capture was undone, says nothing and is not asked.
        """
        if agency.paused and agency.agency_code not in settings.captured:
            return
        place = msgspec.json.decode(cursor, type=Place) if cursor else Place()
        feed = feeds.of(agency, settings.contracts_dir)
        tended = tending.tend(settings, feed, place.shape)
        with opened(settings, feed, 0.0 if tended.trouble else FIRST_PATIENCE_S) as topic:
            if topic is not None:
                cutter = _Cutter(settings, feed, topic, place, room, progress, self._reading(agency))
                yield from cutter.slices(tended.shape)
        if tended.trouble is not None:
            raise tended.trouble

    def _reading(self, agency: Agency) -> Callable[[Row], Row]:
        if self._interpreter is None:
            return lambda row: row
        interpret = self._interpreter(agency)

        def read(row: Row) -> Row:
            told = interpret(row.line, row.values, row.values.get(self._status or ""), row.modified_at)
            return told._replace(deleted=told.deleted or row.deleted)

        return read


@dataclass
class _Cutter:
    """Cuts what the topic holds into slices."""

    settings: Settings
    feed: Feed
    topic: RawTopic
    place: Place
    room: Path
    progress: Progress
    reading: Callable[[Row], Row]

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    def slices(self, shape: Shape) -> Iterator[Slice]:
        """Slice after slice, until the topic holds nothing more; ``shape`` is how the database stands now."""
        lost = self._find_start()
        if self.place.shape and self.place.shape != shape:
            lost = "its tables were not captured, or not as they are now, for a while"
        self.place = msgspec.structs.replace(self.place, shape=dict(shape))
        patience = 0.0
        while True:
            if lost:
                yield self._afresh(lost)
                patience = FIRST_PATIENCE_S
            event, lost = self.topic.peek(patience), ""
            patience = 0.0
            if event is None:
                return
            found: Slice | Broken | Unknown | Waiting
            if isinstance(event, Notice) and event.kind == "started":
                found = self._snapshot()
            elif isinstance(event, Truncated):
                found = self._truncation(event)
            elif isinstance(event, Broken | Unknown):
                found = event
            else:
                found = self._changes() or Waiting()
            if isinstance(found, Slice):
                yield found
            elif isinstance(found, Broken | Unknown):
                lost = self._what_broke(found)
            elif isinstance(event, Notice) and event.kind == "started":
                return

    def _find_start(self) -> str:
        """Go to where the last pull ended; what to say when that place is gone."""
        place, topic = self.place, self.topic
        if place.topic_id == str(topic.topic_id) and topic.first <= place.offset <= topic.end:
            topic.seek(place.offset)
            return ""
        topic.seek(topic.first)
        if not place.topic_id and topic.first == 0:
            return ""
        return "changes were lost on the way: the raw topic no longer holds where the last pull ended"

    def _afresh(self, reason: str) -> Slice:
        """Have everything read afresh, and go on behind what the topic holds now: the snapshot to come covers it."""
        tending.renew(self.settings, self.feed, reason)
        self.topic.seek(self.topic.end)
        with self._spool("delta") as (folder, _):
            pass
        return self._slice(folder)

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

    def _snapshot(self) -> Slice | Broken | Unknown | Waiting:
        """All tables as they are, whole, or what keeps it from being so; it is read again from its first word then."""
        while True:
            self.topic.take()
            with self._spool("bulk") as (folder, out):
                for table in self.feed.tables:
                    out.announce(table.entity)
                ended = self._read_snapshot(out)
            if ended is None:
                return self._slice(folder)
            shutil.rmtree(folder)
            if not isinstance(ended, Notice):
                return ended

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

    def _what_broke(self, event: Broken | Unknown) -> str:
        """Why everything is to be read afresh, now that the tables are as they should be again.

        :raises BadInput: they are not yet
        """
        facts = database.inspect(self.settings, self.feed)
        shape = readiness.check(self.feed, facts, self.place.shape)
        self.place = msgspec.structs.replace(self.place, shape=dict(shape))
        if isinstance(event, Unknown):
            return "a message of the raw topic, or a snapshot, could not be used"
        if event.is_unsent and not readiness.says_whole_rows(facts, event.table):
            raise self._value_not_sent(event)
        return f"changes of {event.table.name} came without {', '.join(event.columns)}"

    def _write(self, out: spool.Spool, event: Change) -> None:
        for row in event.rows:
            out.row(event.table.entity, self.reading(row)._replace(part=event.table.name))
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
            advice=(
                "Its administrator publishes all columns of that table and sets its replica identity to full; "
                "what was not agreed stays behind in our worker."
            ),
            code="refused.capture_setup",
        )
