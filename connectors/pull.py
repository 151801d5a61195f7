"""Takes what an agency handed in: keeps a sealed copy, lets the source read it, stages it whole or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from pathlib import Path

from connectors import intake, outbox, sources
from connectors.delivery import Arrival, Delivery, Mode
from connectors.edge import stable_key
from connectors.registry import Agency
from connectors.sources.base import Table
from connectors.staging import Progress
from pipeline.db import connect, patiently, stage_run
from pipeline.errors import BadInput
from pipeline.pseudonyms import safe_record_id
from pipeline.settings import Settings

__all__ = ["Delivery", "Progress", "pending_origins", "pull"]

ROLE = "flyover_connector"
UNFINISHED = ".part"


def pull(settings: Settings, agency: Agency, origin: Path, *, progress: Progress | None = None) -> Delivery:
    """Stage one file or folder of an agency; after it the outbox holds what is new in it.

    Originals whose retention has ended go at the same time, whoever sent them.

    Safe to repeat: what the agency has said before is unchanged and not staged again. ``progress`` is told the number
    of rows read so far; it starts again at 0 when the database went away in between.

    :raises BadInput: the file or folder cannot be used; nothing of it was kept
    :raises SystemTrouble: the database is still away after ten minutes (retriable)
    """
    source = sources.load(agency.source)
    delivery_id, started_at = uuid.uuid4(), dt.datetime.now(dt.UTC)
    digest = _fingerprint(agency, origin)
    with stage_run(settings, ROLE, "pull", agency.source, agency.agency_code) as outcome:
        with intake.kept(settings, agency.agency_code, delivery_id, origin), source.open(origin, agency) as tables:
            arrival = Arrival(
                delivery_id=delivery_id,
                agency_code=agency.agency_code,
                source=agency.source,
                mode=_mode(tables),
                origin=_shown_name(settings, origin),
                content_sha256=digest,
                started_at=started_at,
            )
            delivery = patiently(lambda: outbox.stage(settings, agency, arrival, tables, progress))
        outcome["rows"] = delivery.read_rows
    intake.purge(settings, now=dt.datetime.now(dt.UTC))
    return delivery


def pending_origins(settings: Settings, agency: Agency) -> list[Path]:
    """What lies in the agency's drop folder and was not staged yet, by name and content, in the order of the names.

    Hidden entries, links and what still ends in ``.part`` are passed over.
    """
    folder = settings.drop_dir / agency.agency_code
    if not folder.is_dir():
        return []
    entries = sorted(entry for entry in folder.iterdir() if _is_whole(entry))
    if not entries:
        return []
    known = patiently(lambda: _staged(settings, agency))
    return [e for e in entries if (_shown_name(settings, e), _fingerprint(agency, e)) not in known]


def _is_whole(entry: Path) -> bool:
    hidden = entry.name.startswith(".") or entry.name.endswith(UNFINISHED)
    return not hidden and not entry.is_symlink() and (entry.is_file() or entry.is_dir())


def _staged(settings: Settings, agency: Agency) -> set[tuple[str, bytes]]:
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select origin, content_sha256 from connect.delivery "
            "where agency_code = %s and source = %s and content_sha256 is not null",
            (agency.agency_code, agency.source),
        )
        return {(origin, bytes(digest)) for origin, digest in found}


def _fingerprint(agency: Agency, origin: Path) -> bytes:
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


def _shown_name(settings: Settings, origin: Path) -> str:
    """Name of the origin as it may be written down."""
    return safe_record_id(origin.name, stable_key(settings.secrets))


def _mode(tables: Sequence[Table]) -> Mode:
    """Mode of the delivery as a whole: what its tables share, else ``delta``."""
    modes = {table.mode for table in tables}
    return modes.pop() if len(modes) == 1 else "delta"
