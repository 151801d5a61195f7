"""Asks a school system's OneRoster 1.2 REST service for what has changed, and now and then for everything.

====================  ==================================================================================================
Standard              1EdTech OneRoster 1.2 REST binding: rostering and gradebook services
Login                 OAuth 2 client credentials; secrets ``client_id`` and ``client_secret``, read anew at each token
Entities              as :mod:`connectors.sources.oneroster`; a user's roles stand in the user and become rows of roles
Changes               ``filter=dateLastModified>'…'`` from the latest time seen in a collection (never later than the
                      server's own clock), less an overlap; what is told twice is unchanged
Deletes               ``status`` = tobedeleted; what vanished without it, and roles taken away, is found by reading
                      everything again, ``params.full_every`` days after the last time
Slices                10,000 rows or 10 seconds of a collection; of a full reading, one collection, for only a whole one
                      shows what is gone
Why it is safe        each page begins with the last object of the one before (:mod:`.oneroster_pages`); a slice and the
                      time it reaches are kept in one transaction; a full reading that was cut off is trusted for no
                      delete
Left out              resources, score scales, learning objectives
Params                url, token_url; scopes, entities, page_rows (500), requests_per_second (5), timeout_s (30),
                      patience_s (300), full_every (7 days; 0 = each time), overlap_minutes (10), ca_file
====================  ==================================================================================================
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from connectors.http import Client
from connectors.registry import Agency
from connectors.sources.base import Rejected, Row
from connectors.sources.oneroster_deviations import Tolerance
from connectors.sources.oneroster_json import ROLES, Address, Objects, roles_of
from connectors.sources.oneroster_standard import KEY, MODIFIED
from connectors.sources.package import Sender
from connectors.staging import Progress
from connectors.transports import spool
from connectors.transports.base import SLICE_ROWS, SLICE_SECONDS, Slice
from connectors.transports.oneroster_pages import Collection, MovedError, Pages
from connectors.transports.oneroster_place import Mark, Place
from connectors.transports.oneroster_service import collections, connected
from pipeline.contracts import Contract
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings

TIMES_READ_AGAIN = 3
Clock = Callable[[], dt.datetime]


class OneRosterRest:
    """The transport ``rest`` of the source oneroster."""

    def __init__(
        self,
        now: Clock = lambda: dt.datetime.now(dt.UTC),
        sleep: Callable[[float], None] = time.sleep,
        slice_rows: int = SLICE_ROWS,
    ) -> None:
        self._now, self._sleep, self._slice_rows = now, sleep, slice_rows

    def slices(
        self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
    ) -> Iterator[Slice]:
        """What changed in each collection since ``cursor``, or all of it, as :class:`Transport` has it."""
        place = Place() if cursor is None else msgspec.json.decode(cursor, type=Place)
        wanted = collections(settings, agency)
        with connected(settings, agency, wanted, self._sleep) as client:
            reading = _Reading(agency, client, place, room, progress, self._slice_rows)
            now, every = self._now(), dt.timedelta(days=float(agency.params.get("full_every", "7")))
            if place.full_begun and {collection.name for collection in wanted} <= set(place.full_done):
                place.full_at, place.full_begun, place.full_done = place.full_begun, None, []
            if place.full_at is None:
                place.full_at = now.isoformat()  # what is read from the beginning is read in full
            elif place.full_begun is None and now - dt.datetime.fromisoformat(place.full_at) >= every:
                place.full_begun, place.full_done = now.isoformat(), []
            for collection, owned in wanted.items():
                if place.full_begun is None:
                    yield from reading.changes(collection, owned)
                elif collection.name not in place.full_done:
                    yield reading.everything(collection, owned, is_last=collection is [*wanted][-1])


@dataclass
class _Reading:
    """One pull: asks collection after collection and moves ``place``."""

    agency: Agency
    client: Client
    place: Place
    room: Path
    progress: Progress
    slice_rows: int
    rows: int = 0

    def everything(self, collection: Collection, owned: Mapping[str, Contract], *, is_last: bool) -> Slice:
        """All of a collection, so that what is no longer in it shows."""
        folder = self.room / f"all-{collection.name}"
        mark = Mark()
        for _ in range(TIMES_READ_AGAIN):
            shutil.rmtree(folder, ignore_errors=True)
            try:
                with spool.writing(folder, self.agency.source, "bulk") as written:
                    for entity in owned:
                        written.announce(entity)
                    mark = Mark()
                    for entity, row in self._rows(collection, owned, KEY, None, mark):
                        written.row(entity, row)
            except MovedError:
                continue
            break
        else:
            raise self._restless(collection)
        self._reach(collection, mark)
        self.place.full_done.append(collection.name)
        if is_last:
            self.place.full_at, self.place.full_begun, self.place.full_done = self.place.full_begun, None, []
        return Slice(folder, self._cursor())

    def changes(self, collection: Collection, owned: Mapping[str, Contract]) -> Iterator[Slice]:
        """What changed in a collection since it was last asked, slice by slice."""
        for _ in range(TIMES_READ_AGAIN):
            try:
                yield from self._changes(collection, owned)
            except MovedError:
                continue
            return
        raise self._restless(collection)

    def _changes(self, collection: Collection, owned: Mapping[str, Contract]) -> Iterator[Slice]:
        held: dict[tuple[str, str | int], Row | Rejected] = {}
        mark, begun, is_first = Mark(), time.monotonic(), True
        for entity, row in self._rows(collection, owned, MODIFIED, self._condition(collection), mark):
            key = row.record_hint if isinstance(row, Rejected) else row.values.get(KEY)
            held[entity, key or len(held)] = row  # changed while we read: the later word counts
            if len(held) >= self.slice_rows or (time.monotonic() - begun > SLICE_SECONDS):
                if mark.is_rising:
                    self._reach(collection, mark)
                yield self._spooled(collection, held)
                held, begun, is_first = {}, time.monotonic(), False
        self._reach(collection, mark)
        digest = _digest(held)
        if held and not (is_first and digest == self.place.told.get(collection.name)):
            self.place.told[collection.name] = digest
            yield self._spooled(collection, held)

    def _rows(
        self,
        collection: Collection,
        owned: Mapping[str, Contract],
        sort: str,
        condition: str | None,
        mark: Mark,
    ) -> Iterator[tuple[str, Row | Rejected]]:
        """The collection's objects as rows, by entity; ``mark`` goes along with their times."""
        address = Address(collection.path, Sender(self.agency.agency_code, self.agency.source))
        tolerance = Tolerance(self.agency.tolerance == "strict")
        objects = {entity: Objects(contract, address, tolerance) for entity, contract in owned.items()}
        own = next(entity for entity in owned if entity != ROLES)
        pages = Pages(self.client, self.agency, collection, int(self.agency.params.get("page_rows", "500")))
        for page in pages.read(sort, condition):
            mark.asked(page.told_at)
            for thing in page.things:
                row = objects[own].row(thing)
                yield own, row
                for role in roles_of(thing) if ROLES in owned and not _is_gone(row) else ():
                    yield ROLES, objects[ROLES].row(role)
                mark.saw(row)
            self.rows += len(page.things)
            self.progress(self.rows)

    def _condition(self, collection: Collection) -> str | None:
        since = self.place.since.get(collection.name)
        if since is None:
            return None
        overlap = dt.timedelta(minutes=float(self.agency.params.get("overlap_minutes", "10")))
        low = (dt.datetime.fromisoformat(since) - overlap).astimezone(dt.UTC)
        return f"{MODIFIED}>'{low.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}'"

    def _reach(self, collection: Collection, mark: Mark) -> None:
        """Move the collection's time forward, never back."""
        reached, known = mark.reached, self.place.since.get(collection.name)
        if reached and (known is None or reached > dt.datetime.fromisoformat(known)):
            self.place.since[collection.name] = reached.isoformat()

    def _spooled(self, collection: Collection, held: Mapping[tuple[str, str | int], Row | Rejected]) -> Slice:
        folder = self.room / f"changes-{collection.name}-{self.rows}"
        shutil.rmtree(folder, ignore_errors=True)
        with spool.writing(folder, self.agency.source, "delta") as written:
            for (entity, _), row in held.items():
                written.row(entity, row)
        return Slice(folder, self._cursor())

    def _cursor(self) -> str:
        return msgspec.json.encode(self.place).decode()

    def _restless(self, collection: Collection) -> SystemTrouble:
        return SystemTrouble(
            f"{self.agency.agency_code} ({self.agency.source}): {collection.path} changes faster than it can be read. "
            "Nothing is lost: it is asked again with the next run; ask at a quieter hour when it lasts"
        )


def _is_gone(row: Row | Rejected) -> bool:
    return isinstance(row, Rejected) or row.deleted


def _digest(held: Mapping[tuple[str, str | int], Row | Rejected]) -> str:
    return hashlib.blake2b(msgspec.json.encode(list(held.values())), digest_size=16).hexdigest()
