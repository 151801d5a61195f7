"""Asks an agency's database by SQL: what changed since last time, and now and then what is gone.

==================  ====================================================================================================
Databases           PostgreSQL, MariaDB and MySQL, by SQLAlchemy; tables or views, read-only, one user with SELECT
What is asked       each table's rows whose time of change is at or behind the latest we know, less ``overlap_minutes``;
                    rows without a time of change, every time; in pages by (time of change, key), never by offset.
                    Where that is no more than the last pull read, nothing is delivered
Late commits        a row committed late bears an older time than what was read meanwhile: the overlap reads it the next
                    time. Rows told twice are unchanged and go nowhere. A row whose time goes backwards by more than
                    the overlap is found by the comparison
Deletes             ``record_status`` = deleted, if the table has it; else by comparison: every ``full_every`` the whole
                    table is read as one bulk delivery, and what is no longer in it is deleted
One pull            one read-only transaction that sees one state of the database; where the line breaks, a new one goes
                    on behind the last slice that was staged
Slices              at most ``page_rows`` rows (10,000), each staged with the place where the next begins
Times               a timestamp without an offset is local time of the agency (``time_zone``)
Columns             only those of the contract are read; one that vanishes stops the feed by name
==================  ====================================================================================================

Settings in the agency's ``params``: ``url`` (postgresql://USER@HOST:PORT/DATABASE or mysql://…, no password), ``tls``,
``tls_ca``, ``time_zone``, ``overlap_minutes`` (60), ``full_every`` (hours as ``24h``, days as ``7d``, or ``never``;
1d), ``page_rows``, ``statement_seconds`` (300), ``patience_seconds`` (600); where names differ ``tables.ENTITY``,
``columns.ENTITY.PROPERTY``, ``values.ENTITY.PROPERTY`` (a constant), ``changed.ENTITY`` (time of change). ``none``
leaves a table, a column or the time of change out. The password is the secret ``password``.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import re
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from connectors.registry import Agency
from connectors.sources.base import Row, TableMode
from connectors.staging import Progress
from connectors.transports import spool, sql_database, sql_place, sql_table
from connectors.transports.base import SLICE_ROWS, Slice
from connectors.transports.sql_database import Database, DatabaseAwayError, whole, wrong
from connectors.transports.sql_place import Begun, Place
from connectors.transports.sql_table import Mapped, Table
from pipeline import contracts
from pipeline.db import patiently
from pipeline.settings import Settings

log = logging.getLogger(__name__)

Interpreter = Callable[[int, dict[str, str | None], str | None, str | None], Row]
"""Makes a row of its line, its values by property, its status and its time of change."""
TIMED, UNTIMED, KEYLESS = "timed", "untimed", "keyless"
MOST_BREAKS = 5
_EVERY = re.compile(r"(\d+)([hd])")


@dataclass(frozen=True)
class _Asking:
    """How one agency's database is asked."""

    agency: Agency
    database: Database
    tables: list[Mapped]
    interpret: Interpreter
    status: str
    overlap: dt.timedelta
    full_every: dt.timedelta | None
    page_rows: int
    patience_s: int
    key: bytes = field(repr=False)
    """what seals the place inside a table"""


class SqlTransport:
    """Asks the databases of one source's agencies."""

    def __init__(self, interpreter: Callable[[Agency], Interpreter], *, changed: str, status: str) -> None:
        """``changed`` and ``status``: the source's words for the time of change and for what takes a record back."""
        self._interpreter, self._changed, self._status = interpreter, changed, status

    def slices(
        self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
    ) -> Iterator[Slice]:
        """What changed since ``cursor``, table by table; see :class:`connectors.transports.base.Transport`."""
        asking = self._asking(settings, agency)
        places = sql_place.read(cursor, asking.key)
        numbers, told, breaks = count(1), 0, 0
        while True:
            try:
                for mapped, place, rows, is_whole in _asked(asking, settings, places):
                    folder = room / f"{mapped.contract.entity}-{next(numbers):05d}"
                    told += _spooled(asking, folder, mapped, rows, is_whole=is_whole, progress=_from(told, progress))
                    places = {**places, mapped.contract.entity: place}
                    yield Slice(folder, sql_place.written(places, asking.key))
                    breaks = 0
            except DatabaseAwayError as trouble:
                breaks += 1
                if breaks > MOST_BREAKS:
                    raise
                log.warning("%s - going on behind the last slice, nothing is lost", trouble)
            else:
                return

    def _asking(self, settings: Settings, agency: Agency) -> _Asking:
        owned = contracts.spoken(settings.contracts_dir, agency.source, agency.contract_versions)
        return _Asking(
            agency=agency,
            database=sql_database.of(agency),
            tables=sql_table.mapped(agency, owned, self._changed, (self._status,)),
            interpret=self._interpreter(agency),
            status=self._status,
            overlap=dt.timedelta(minutes=whole(agency, "overlap_minutes", 60, least=0)),
            full_every=_every(agency),
            page_rows=min(whole(agency, "page_rows", SLICE_ROWS), SLICE_ROWS),
            patience_s=whole(agency, "patience_seconds", 600, least=0),
            key=settings.secrets.intake_key,
        )


_Pages = Iterable[list[dict[str, str | None]]]


def _asked(
    asking: _Asking, settings: Settings, known: dict[str, Place]
) -> Iterator[tuple[Mapped, Place, _Pages, bool]]:
    """Per slice: its table, the place behind it, its rows page by page, and whether they are the whole table."""
    with ExitStack() as stack:
        connection = patiently(
            lambda: stack.enter_context(asking.database.snapshot(settings)), patience_s=asking.patience_s
        )
        for mapped in asking.tables:
            place = known.get(mapped.contract.entity, Place())
            table = Table(asking.database, connection, mapped, place.columns)
            if _is_due(asking, mapped, place):
                yield mapped, _finished(table, place, table.latest(), compared=True), _whole(asking, table), True
                continue
            for rows, behind in _changes(asking, table, place):
                yield mapped, behind, [rows], False


def _from(told: int, progress: Progress) -> Progress:
    return lambda rows: progress(told + rows)


def _is_due(asking: _Asking, mapped: Mapped, place: Place) -> bool:
    """Whether the whole table is to be compared. The first time it is read in slices, which can be resumed."""
    if asking.agency.mode == "append":
        return False
    if asking.agency.mode == "bulk" or mapped.changed is None:
        return True
    if asking.full_every is None or place.compared_at is None:
        return False
    return dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(place.compared_at) >= asking.full_every


def _whole(asking: _Asking, table: Table) -> _Pages:
    for page in table.pages(table.keys, sa.true(), asking.page_rows):
        yield page.rows
    if keyless := table.keyless(sa.true(), asking.page_rows):
        yield keyless.rows


def _changes(asking: _Asking, table: Table, place: Place) -> Iterator[tuple[list[dict[str, str | None]], Place]]:
    """Changed rows page by page, with the place behind each; the last page closes the pass.

    A pass that reads nothing but what the one before it read is not worth a delivery.
    """
    begun = place.begun or Begun(TIMED, table.latest() or place.high)
    pages = _phases(asking, table, place, begun)
    current = next(pages, None)
    if current is None and (place.begun or place.compared_at is None):
        yield [], _finished(table, place, begun.high)
    is_only = place.begun is None
    while current is not None:
        phase, page = current
        current = next(pages, None)
        if current is None:
            echo = sql_place.mark(page.rows, asking.key) if is_only else None
            if echo is None or echo != place.echo:
                yield page.rows, _finished(table, place, begun.high, echo=echo)
        else:
            is_only = False
            yield page.rows, _cut(table, place, Begun(phase, begun.high, page.end))


def _phases(asking: _Asking, table: Table, place: Place, begun: Begun) -> Iterator[tuple[str, sql_table.Page]]:
    size, changed = asking.page_rows, table.changed
    since = _since(place.high, asking.overlap)
    recent = table.since(since) if since else sa.true()
    untimed = sa.true() if changed is None else changed.is_(None)
    if begun.phase == TIMED and changed is not None:
        order = [changed, *table.keys]
        yield from ((TIMED, page) for page in table.pages(order, recent, size, begun.at))
    if begun.phase in (TIMED, UNTIMED):
        after = begun.at if begun.phase == UNTIMED else None
        yield from ((UNTIMED, page) for page in table.pages(table.keys, untimed, size, after))
    if keyless := table.keyless(sa.or_(recent, untimed), size):
        yield KEYLESS, keyless


def _since(high: str | None, overlap: dt.timedelta) -> str | None:
    """From which time on is asked, as text of the database's own kind; None = from the beginning."""
    if high is None:
        return None
    moment = dt.datetime.fromisoformat(high)
    if len(high) == len("2026-01-01"):  # a day: the overlap is whole days, at least one
        return (moment.date() - dt.timedelta(days=max(1, math.ceil(overlap / dt.timedelta(days=1))))).isoformat()
    return (moment - overlap).isoformat(sep=" ")


def _finished(
    table: Table, place: Place, high: str | None, *, compared: bool = False, echo: str | None = None
) -> Place:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    compared_at = now if compared or place.compared_at is None else place.compared_at
    return Place(high, compared_at, table.properties, echo=echo)


def _cut(table: Table, place: Place, begun: Begun) -> Place:
    return Place(place.high, place.compared_at, table.properties, begun)


def _spooled(
    asking: _Asking, folder: Path, mapped: Mapped, pages: _Pages, *, is_whole: bool, progress: Callable[[int], None]
) -> int:
    """Write a slice down; the number of its rows."""
    entity, status = mapped.contract.entity, asking.status
    fields = [field.name for field in mapped.contract.fields if field.classification != "dropped"]
    mode: TableMode = "bulk" if is_whole else "append" if asking.agency.mode == "append" else "delta"
    with spool.writing(folder, asking.agency.source, mode) as written:
        if is_whole:
            written.announce(entity)
        for page in pages:
            for found in page:
                values: dict[str, str | None] = {name: found.get(name) for name in fields}
                modified = _instant(found.get(mapped.changed or ""), asking.database.zone)
                row = asking.interpret(written.rows + 1, values, found.get(status), modified)
                written.row(entity, row._replace(part=mapped.name))
            progress(written.rows)
    return written.rows


def _instant(text: str | None, zone: zoneinfo.ZoneInfo) -> str | None:
    """A time of change with its offset; None for what is no time."""
    try:
        moment = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _every(agency: Agency) -> dt.timedelta | None:
    text = agency.params.get("full_every", "1d")
    if text == "never":
        return None
    if not (match := _EVERY.fullmatch(text)):
        raise wrong(agency, f"params.full_every must be like 24h or 7d, or never, not {text!r}")
    return dt.timedelta(hours=int(match[1])) if match[2] == "h" else dt.timedelta(days=int(match[1]))
