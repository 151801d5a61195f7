"""Takes what an agency handed in, or asks its system; keeps a sealed copy and stages it whole or not at all."""

from __future__ import annotations

import datetime as dt
import fcntl
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors import cursor, intake, outbox, refusals, sources, transports
from connectors.corrections.reading import is_correction
from connectors.delivery import Arrival, Delivery, Mode
from connectors.edge import stable_key
from connectors.registry import Agency
from connectors.sources.base import Table
from connectors.staging import Progress
from connectors.transports import spool
from pipeline.db import connect, patiently, stage_run
from pipeline.errors import BadInput, StalePull
from pipeline.pseudonyms import safe_record_id
from pipeline.settings import Settings

__all__ = ["Delivery", "Progress", "pending_origins", "pull", "pull_live"]

ROLE = "flyover_connector"
UNFINISHED = ".part"


def pull(settings: Settings, agency: Agency, origin: Path, *, progress: Progress | None = None) -> Delivery:
    """Stage one file or folder of an agency; after it the outbox holds what is new in it.

    Originals whose retention has ended go at the same time, whoever sent them.

    Safe to repeat: what the agency has said before is unchanged and not staged again. ``progress`` is told the number
    of rows read so far; it starts again at 0 when the database went away in between.

    :raises BadInput: the file or folder cannot be used; nothing of it was kept but why it was refused
    :raises SystemTrouble: the database is still away after ten minutes (retriable)
    """
    digest = fingerprint(agency, origin)
    shown = shown_name(settings, origin)
    try:
        with stage_run(settings, ROLE, "pull", agency.source, agency.agency_code) as outcome:
            delivery = _staged_whole(settings, agency, origin, shown, digest, progress, None)
            outcome["rows"] = delivery.read_rows
    except BadInput as error:
        refusals.write(settings, agency, shown, digest, error)
        raise
    intake.purge(settings, now=dt.datetime.now(dt.UTC))
    return delivery


def pull_live(settings: Settings, agency: Agency, *, progress: Progress | None = None) -> list[Delivery]:
    """Ask an agency's live system for what is new, and stage it slice by slice.

    Each slice and the place where the next begins are kept in one transaction, so a kill anywhere loses nothing and
    doubles nothing.

    :raises StalePull: another pull of the same agency is under way
    :raises BadInput: its system refuses the login or breaks the standard; what was staged before stays
    :raises SystemTrouble: its system, or a server of ours, is still away after all patience (retriable)
    """
    transport = transports.load(agency)
    told = progress or (lambda _: None)
    deliveries: list[Delivery] = []
    with _room(settings, agency) as room, stage_run(settings, ROLE, "pull", agency.source, agency.agency_code) as done:
        place = patiently(lambda: _cursor(settings, agency))
        try:
            for part in transport.slices(settings, agency, place, room, told):
                before, place = place, part.cursor
                digest = fingerprint(agency, part.origin)
                moved = cursor.Moved(before, place)
                delivery = _staged_whole(settings, agency, part.origin, part.origin.name, digest, progress, moved)
                _discard(part.origin)
                done["rows"] += delivery.read_rows
                deliveries.append(delivery)
            patiently(lambda: _asked(settings, agency))
        except BadInput as error:
            refusals.write(settings, agency, agency.transport, None, error)
            raise
    intake.purge(settings, now=dt.datetime.now(dt.UTC))
    return deliveries


def _staged_whole(
    settings: Settings,
    agency: Agency,
    origin: Path,
    shown: str,
    digest: bytes,
    progress: Progress | None,
    moved: cursor.Moved | None,
) -> Delivery:
    delivery_id, started_at = uuid.uuid4(), dt.datetime.now(dt.UTC)
    with intake.kept(settings, agency.agency_code, delivery_id, origin), tables_of(agency, origin) as tables:
        arrival = Arrival(
            delivery_id=delivery_id,
            agency_code=agency.agency_code,
            source=agency.source,
            mode=_mode(tables),
            origin=shown,
            content_sha256=digest,
            started_at=started_at,
        )
        return patiently(lambda: outbox.stage(settings, agency, arrival, tables, progress, moved))


@contextmanager
def tables_of(agency: Agency, origin: Path) -> Iterator[Sequence[Table]]:
    """The tables of an original, whether its source reads it or a transport wrote it down.

    :raises BadInput: for rows that were mended, too: taken for a delivery, all that is not among them would be deleted
    """
    if spool.is_spool(origin):
        yield spool.opened(origin)
        return
    if is_correction(origin, agency):
        raise BadInput(
            "this is a file of mended rows, no delivery",
            agency=agency.agency_code,
            source=agency.source,
            file=origin.name,
            advice="Hand it in as it is: it is taken as a correction.",
            code="refused.correction_as_delivery",
        )
    with sources.load(agency.source).open(origin, agency) as tables:
        yield tables


@contextmanager
def _room(settings: Settings, agency: Agency) -> Iterator[Path]:
    """An empty folder for what a live pull reads; only one pull an agency can have it, and it is gone afterwards."""
    home = settings.state_dir / "live"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / f"{agency.agency_code}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StalePull(f"{agency.agency_code} ({agency.source}): another pull is under way") from None
        room = home / agency.agency_code
        shutil.rmtree(room, ignore_errors=True)  # of a pull that was killed
        room.mkdir(mode=0o700)
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)


def _discard(origin: Path) -> None:
    if origin.is_dir():
        shutil.rmtree(origin)
    else:
        origin.unlink(missing_ok=True)


def _asked(settings: Settings, agency: Agency) -> None:
    with connect(settings, ROLE) as connection:
        cursor.asked(connection, agency.agency_code, agency.source)


def _cursor(settings: Settings, agency: Agency) -> str | None:
    with connect(settings, ROLE) as connection:
        return cursor.read(connection, agency.agency_code, agency.source)


def pending_origins(settings: Settings, agency: Agency) -> list[Path]:
    """What lies in the agency's drop folder and was neither staged nor refused yet, by name and content, by name.

    Hidden entries, links and what still ends in ``.part`` are passed over.
    """
    folder = settings.drop_dir / agency.agency_code
    if not folder.is_dir():
        return []
    entries = sorted(entry for entry in folder.iterdir() if _is_whole(entry))
    if not entries:
        return []
    known = patiently(lambda: _staged(settings, agency))
    return [e for e in entries if (shown_name(settings, e), fingerprint(agency, e)) not in known]


def _is_whole(entry: Path) -> bool:
    hidden = entry.name.startswith(".") or entry.name.endswith(UNFINISHED)
    return not hidden and not entry.is_symlink() and (entry.is_file() or entry.is_dir())


def _staged(settings: Settings, agency: Agency) -> set[tuple[str, bytes]]:
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select origin, content_sha256 from connect.delivery "
            "where agency_code = %(agency)s and source = %(source)s and content_sha256 is not null "
            "union select origin, content_sha256 from connect.refusal "
            "where agency_code = %(agency)s and source = %(source)s and content_sha256 is not null "
            "union select origin, content_sha256 from quarantine.correction "
            "where agency_code = %(agency)s and source = %(source)s and finished_at is not null",
            {"agency": agency.agency_code, "source": agency.source},
        )
        return {(origin, bytes(digest)) for origin, digest in found}


def fingerprint(agency: Agency, origin: Path) -> bytes:
    """SHA-256 of what was handed in.

    :raises BadInput: when it is not there or may not be read
    """
    try:
        if not origin.exists():
            raise BadInput(
                "is not there",
                agency=agency.agency_code,
                source=agency.source,
                file=origin.name,
                advice="Check the path.",
            )
        return intake.fingerprint(origin)
    except OSError as error:
        raise BadInput(
            f"cannot be read ({error.strerror})",
            agency=agency.agency_code,
            source=agency.source,
            file=origin.name,
            advice="Check its permissions.",
        ) from None


def shown_name(settings: Settings, origin: Path) -> str:
    """Name of the origin as it may be written down."""
    return safe_record_id(origin.name, stable_key(settings.secrets))


def _mode(tables: Sequence[Table]) -> Mode:
    """Mode of the delivery as a whole: what its tables share, else ``delta``."""
    modes = {table.mode for table in tables}
    return modes.pop() if len(modes) == 1 else "delta"
