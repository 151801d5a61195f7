"""Reads an agency's kept originals again, after a reader, a contract or a key has changed.

Originals of the period are read oldest first. A bulk delivery that another bulk delivery followed is passed over: the
later one says everything. What came after the period is read again behind it, so that older word never overrules newer.
What reads the same as before is unchanged and stays home. A live agency's slices are originals like any other.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors import cursor, intake, outbox, staging_sql
from connectors.delivery import Arrival, Delivery, Mode
from connectors.pull import tables_of
from connectors.registry import Agency
from pipeline.db import Connection, connect, patiently
from pipeline.errors import BadInput
from pipeline.settings import Settings

ROLE = "flyover_connector"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Original:
    """A delivery that can be read again."""

    delivery_id: uuid.UUID
    mode: Mode
    origin: str
    content_sha256: bytes | None
    staged_at: dt.datetime
    after_period: bool


@dataclass(frozen=True)
class Change:
    """What reading one original again does to one entity."""

    original: Original
    entity: str
    new: int
    changed: int
    deleted: int
    rejected: int

    @property
    def total(self) -> int:
        """Events it publishes."""
        return self.new + self.changed + self.deleted + self.rejected


def originals(settings: Settings, agency: Agency, since: dt.date, until: dt.date) -> list[Original]:
    """What would be read again, in order.

    :raises BadInput: when nothing was delivered in the period, or an original is no longer kept
    """
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select delivery_id, mode, origin, content_sha256, staged_at, "
            "(staged_at at time zone %(zone)s)::date > %(until)s from connect.delivery "
            "where agency_code = %(agency)s and source = %(source)s and mode <> 'replay' "
            "and (staged_at at time zone %(zone)s)::date >= %(since)s order by staged_at, delivery_id",
            {
                "zone": agency.time_zone,
                "since": since,
                "until": until,
                "agency": agency.agency_code,
                "source": agency.source,
            },
        ).fetchall()
    all_of_them = [Original(*row) for row in found]
    if all(original.after_period for original in all_of_them):
        raise BadInput(
            f"nothing was delivered from {since} to {until}",
            agency=agency.agency_code,
            source=agency.source,
            advice="./flyover batches shows when it was.",
        )
    last_bulk = max((place for place, o in enumerate(all_of_them) if o.mode == "bulk"), default=0)
    wanted = [o for place, o in enumerate(all_of_them) if place >= last_bulk or o.mode != "bulk"]
    for original in wanted:
        if not intake.is_kept(settings, agency.agency_code, original.delivery_id):
            raise BadInput(
                f"the original of {original.staged_at:%Y-%m-%d %H:%M} is no longer kept",
                agency=agency.agency_code,
                source=agency.source,
                file=original.origin,
                advice=f"Originals are kept for {intake.RETENTION_DAYS} days: begin later, or have it sent again.",
            )
    return wanted


def foretell(settings: Settings, agency: Agency, wanted: Sequence[Original], say: Say) -> list[Change]:
    """What reading them again would change; nothing is kept. The agency's deliveries wait meanwhile."""
    with connect(settings, ROLE) as connection:
        changes = []
        for original in wanted:
            with _opened(settings, agency, original, "a backfill is foretold") as (arrival, origin):
                with tables_of(agency, origin) as tables:
                    delivery = outbox.stage_on(connection, settings, agency, arrival, tables)
                changes.extend(_changes(connection, original, delivery))
                connection.execute(staging_sql.DROP_WORKING_TABLES)
            say(f"{original.origin}: {delivery.read_rows:,} rows read, {delivery.unchanged_rows:,} unchanged")
        connection.rollback()
    return changes


def run(settings: Settings, agency: Agency, wanted: Sequence[Original], say: Say) -> list[Change]:
    """Read them again and stage what is different now, each original whole or not at all. Safe to repeat."""
    changes = []
    for original in wanted:
        with _opened(settings, agency, original, "a backfill") as (arrival, origin):
            delivery = _staged(settings, agency, arrival, origin)
        with connect(settings, ROLE) as connection:
            changes.extend(_changes(connection, original, delivery))
        say(f"{original.origin}: {delivery.read_rows:,} rows read, {delivery.unchanged_rows:,} unchanged")
    return changes


def ask_again(settings: Settings, agency: Agency) -> None:
    """Have an agency's live system asked from its beginning at the next pull; what it says as before stays home.

    :raises BadInput: when it hands in files, which are read again by their period
    """
    if agency.transport == "file":
        raise BadInput(
            "hands in files and has no live system to ask",
            agency=agency.agency_code,
            source=agency.source,
            advice="Name the days to read again: --from and --to.",
        )
    with connect(settings, ROLE) as connection:
        cursor.forget(connection, agency.agency_code, agency.source)


def _staged(settings: Settings, agency: Agency, arrival: Arrival, origin: Path) -> Delivery:
    with intake.kept(settings, agency.agency_code, arrival.delivery_id, origin), tables_of(agency, origin) as tables:
        return patiently(lambda: outbox.stage(settings, agency, arrival, tables))


@contextmanager
def _opened(settings: Settings, agency: Agency, original: Original, why: str) -> Iterator[tuple[Arrival, Path]]:
    """An original unpacked for as long as it is read, and the delivery it is staged as."""
    room = Path(tempfile.mkdtemp(prefix="backfill-", dir=settings.state_dir))
    try:
        intake.restore(settings, agency.agency_code, original.delivery_id, room, why=why)
        (origin,) = room.iterdir()
        arrival = Arrival(
            delivery_id=uuid.uuid4(),
            agency_code=agency.agency_code,
            source=agency.source,
            mode=original.mode,
            origin=original.origin,
            content_sha256=original.content_sha256,
            started_at=dt.datetime.now(dt.UTC),
        )
        yield arrival, origin
    finally:
        shutil.rmtree(room)


def _changes(connection: Connection[Any], original: Original, delivery: Delivery) -> list[Change]:
    found = connection.execute(
        "select b.entity, count(*) filter (where o.op = 'upsert' and o.version = 1), "
        "count(*) filter (where o.op = 'upsert' and o.version > 1), count(*) filter (where o.op = 'delete'), "
        "count(*) filter (where o.op = 'rejected') "
        "from connect.batch as b inner join connect.outbox as o on o.batch_id = b.batch_id "
        "where b.delivery_id = %s group by b.entity order by b.entity",
        (delivery.delivery_id,),
    )
    return [Change(original, *row) for row in found]
