"""Receipts as answers to requests: found for one agency, in the form that was asked for, streamed."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from connectors.registry import Agency, Language
from pipeline.db import Connection
from pipeline.settings import Settings
from portal.agency import desk, listing, receipts, tables
from portal.agency.mend_file import MendFile
from portal.agency.receipt import Receipt
from portal.refusals import NotTaken

MEND_FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Kinds of the file to mend by its ending."""
_PIECE = 2**16
Maker = Callable[[Connection[Any], Receipt], Iterator[bytes]]


def resolve(settings: Settings, agency: Agency, given: str) -> tuple[uuid.UUID, Receipt | None]:
    """What an id of a delivery, a correction, a refusal or an upload stands for; no receipt while one waits to be read.

    :raises NotTaken: when this agency has no such delivery, whoever else may have it
    """
    try:
        asked = uuid.UUID(given)
    except ValueError:
        raise NotTaken("not_here", 404) from None
    with desk.opened(settings, agency.agency_code) as connection:
        found = listing.answered_by(connection, asked)
        if found is None:
            raise NotTaken("not_here", 404)
        return found, receipts.gather(connection, settings, agency, found)


def document(settings: Settings, agency: Agency, receipt: Receipt, form: str, language: Language) -> Response:
    """The receipt as ``csv`` or ``json``."""
    makers: dict[str, tuple[str, Maker]] = {
        "csv": ("text/csv; charset=utf-8", lambda connection, found: tables.as_csv(connection, found, language)),
        "json": ("application/json", lambda connection, found: tables.as_json(connection, found, language)),
    }
    kind, make = makers[form]
    name = f"receipt-{receipt.receipt_id}.{form}"
    return _download(_streamed(settings, agency, receipt.receipt_id, make), kind, name)


def to_mend(
    settings: Settings, agency: Agency, receipt: Receipt, table: str, form: str, language: Language
) -> Response:
    """The rows of one table that can still be put right, as ``xlsx`` or ``csv``.

    :raises NotTaken: when there are none
    """
    if table not in {part.anchor for part in receipt.parts if part.to_mend} or form not in MEND_FORMS:
        raise NotTaken("not_here", 404)

    def make(connection: Connection[Any], found: Receipt) -> Iterator[bytes]:
        part = next(part for part in found.parts if part.anchor == table)
        file = MendFile(connection, settings.secrets, agency.agency_code, part, language)
        return file.as_csv() if form == "csv" else _spooled(file)

    name = f"to-mend-{table}-{str(receipt.receipt_id)[:8]}.{form}"
    return _download(_streamed(settings, agency, receipt.receipt_id, make), MEND_FORMS[form], name)


def _spooled(file: MendFile) -> Iterator[bytes]:
    """A workbook is written from its end: it grows on disk before it is sent."""
    with tempfile.TemporaryFile() as spool:
        file.as_workbook(spool)
        spool.seek(0)
        while piece := spool.read(_PIECE):
            yield piece


def _streamed(settings: Settings, agency: Agency, receipt_id: uuid.UUID, make: Maker) -> Iterator[bytes]:
    with desk.opened(settings, agency.agency_code) as connection:
        found = receipts.gather(connection, settings, agency, receipt_id)
        if found is not None:
            yield from make(connection, found)


def _download(content: Iterator[bytes], kind: str, name: str) -> Response:
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return StreamingResponse(content, media_type=kind, headers=headers)
